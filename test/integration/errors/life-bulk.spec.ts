import type { Principal } from '../../../src/common/access.js';
import { BulkErrors } from '../../../src/modules/errors/life/bulk-errors.service.js';
import type { BulkErrorsDto } from '../../../src/modules/errors/life/dto/bulk-errors.dto.js';
import { WATCHKEEP } from '../../../src/modules/errors/life/actor.js';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.js';
import { ErrorsProcess } from './errors-process.js';
import { generateErrors } from './many-errors.js';

const NONE = '00000000-0000-7000-8000-000000000000';
const KEY: Principal = { kind: 'api_key', id: NONE, name: 'a key', rights: new Set(['write']), sources: [] };

describe('doing the same to many errors', () => {
  let database: TestDatabase;
  let errors: ErrorsProcess;
  let bulk: BulkErrors;

  beforeAll(async () => {
    database = await createTestDatabase();
    errors = await ErrorsProcess.start(database.url);
    bulk = new BulkErrors(errors.dataSource, errors.states, errors.deletion, { now: () => new Date() });
  });
  afterAll(async () => {
    await errors.stop();
    await database.drop();
  });

  const run = (request: Partial<BulkErrorsDto>) => bulk.run(request as BulkErrorsDto, KEY);
  const open = async (source: string, names: string[]) =>
    (await errors.reportAll(names.map((name) => ({ message: `Bulk ${name}`, source })))).map(({ id }) => id);
  const countOf = async (where: string): Promise<number> => {
    const [row] = await database.dataSource.query<{ n: number }[]>(
      `SELECT count(*)::int AS n FROM errors WHERE ${where}`,
    );
    return row!.n;
  };

  it('by ids: says how many changed and which are not there', async () => {
    const ids = await open('by-ids', ['alpha', 'beta', 'gamma']);
    const first = await run({ action: 'resolve', in: 'next_release', ids: [...ids, ids[0]!, NONE] });
    expect(first).toEqual({ changed: 3, not_found: [NONE], more: false });
    expect(await run({ action: 'resolve', in: 'next_release', ids })).toMatchObject({ changed: 0 });
    expect(await countOf(`source = 'by-ids' AND resolution = 'next_release'`)).toBe(3);
    expect(errors.bus.idsOf('errors.resolved').toSorted()).toEqual(ids.toSorted());
    expect(await run({ action: 'mute', for: '1h', ids: [ids[0]!] })).toMatchObject({ changed: 1 });
    expect(await run({ action: 'unmute', ids })).toMatchObject({ changed: 1 });
    expect(await run({ action: 'delete', ids: [...ids, NONE] })).toMatchObject({
      changed: 3,
      not_found: [NONE],
    });
    expect(await run({ action: 'delete', ids })).toMatchObject({ changed: 0, not_found: ids });
  });

  it('a merged error stands for the whole, but is not deleted', async () => {
    const [a, b] = (await open('merged', ['delta', 'epsilon'])) as [string, string];
    await errors.merging.merge(a, [b], WATCHKEEP);
    expect(await run({ action: 'delete', ids: [b] })).toMatchObject({ changed: 0, not_found: [b] });
    expect(await run({ action: 'mute', ids: [a, b] })).toMatchObject({ changed: 1, not_found: [] });
    expect(await run({ action: 'unmute', filter: { source: 'merged' } })).toMatchObject({ changed: 1 });
  });

  it.each([
    [{ action: 'resolve', ids: [NONE], filter: {} }, 'filter'],
    [{ action: 'delete', filter: {} }, 'filter'],
    [{ action: 'delete', ids: [NONE], count: 5 }, 'count'],
    [{ action: 'resolve', ids: [NONE], for: '1h' }, 'for'],
    [{ action: 'mute', ids: [NONE], for: '1h', until: new Date(4e12) }, 'for'],
    [{ action: 'mute', ids: [NONE], until: new Date(0) }, 'until'],
    [{ action: 'assign', ids: [NONE] }, 'assignee'],
    [{ action: 'assign', ids: [NONE], assignee: 'me' }, 'assignee'],
    [{ action: 'assign', ids: [NONE], assignee: 'anna' }, 'assignee'],
  ])('refuses %j', async (request, field) => {
    await expect(run(request as Partial<BulkErrorsDto>)).rejects.toMatchObject({ details: [{ field }] });
  });

  it('by filter: 10,000 a request, until nothing is left, while the errors are reported', async () => {
    await generateErrors(database.dataSource, 16_000);
    const total = await countOf('NOT resolved');
    const reports = errors.reportAll(
      Array.from({ length: 300 }, (_, n) => ({ message: `Bulk ${'xyz'[n % 3]!.repeat(4)}`, source: 'busy' })),
    );
    const answers = [];
    for (let more = true; more;) {
      const answer = await run({ action: 'resolve', filter: { resolved: false } });
      more = answer.more;
      answers.push(answer);
    }
    await reports;
    expect(answers.length).toBeGreaterThanOrEqual(2);
    expect(answers.reduce((sum, { changed }) => sum + changed, 0)).toBeGreaterThanOrEqual(total);
    expect(await countOf(`NOT resolved AND merged_into IS NULL AND source <> 'busy'`)).toBe(0);
    expect(await countOf(`source = 'busy'`)).toBe(3);
    const [busy] = await database.dataSource.query<{ n: number }[]>(
      `SELECT sum(count)::int AS n FROM errors WHERE source = 'busy'`,
    );
    expect(busy!.n).toBe(300);
    expect(await run({ action: 'resolve', filter: { source: 'source-9' } })).toMatchObject({
      changed: 0,
      more: false,
    });
    const deleted = await run({ action: 'delete', filter: { source: 'busy' } });
    expect(deleted).toMatchObject({ changed: 3, more: false });
  }, 120_000);
});
