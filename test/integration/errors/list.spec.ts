import { plainToInstance } from 'class-transformer';
import { ListErrorsQuery } from '../../../src/modules/errors/dto/list-errors.dto.js';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.js';
import { ErrorsProcess, SetClock } from './errors-process.js';

const START = Date.parse('2026-11-20T10:00:00Z');
const MINUTE = 60_000;

describe('reading errors', () => {
  let database: TestDatabase;
  let errors: ErrorsProcess;
  const clock = new SetClock();
  const ids: Record<string, string> = {};

  const report = async (name: string, at: number, body: object): Promise<void> => {
    clock.time = new Date(START + at);
    ids[name] = (await errors.report({ message: name, ...body })).id;
  };

  beforeAll(async () => {
    database = await createTestDatabase();
    clock.time = new Date(START);
    errors = await ErrorsProcess.start(database.url, clock);
    await report('alpha', 0, { source: 'web', environment: 'production' });
    await report('beta', 2 * MINUTE, { source: 'api', level: 'warning', environment: 'staging' });
    await report('gamma 100% of_it', 2 * MINUTE + 100, { source: 'api', level: 'debug' });
    await report('delta 日本', 2 * MINUTE + 50, { source: 'web', environment: 'production' });
    await report('alpha', 9 * MINUTE, { source: 'web', environment: 'staging' });
    await errors.service.resolve(ids['beta']!);
  });
  afterAll(async () => {
    await errors.stop();
    await database.drop();
  });

  const list = async (query: object = {}): Promise<string[]> => {
    const page = await errors.reader.list(plainToInstance(ListErrorsQuery, query));
    return page.errors.map(({ message }) => message.split(' ')[0]!);
  };

  it.each(['-last_seen', 'last_seen', '-first_seen', 'first_seen'])(
    'gives every error once by cursor, ordered by %s',
    async (sort) => {
      const walked: string[] = [];
      let cursor: string | undefined;
      do {
        const page = await errors.reader.list(plainToInstance(ListErrorsQuery, { sort, limit: 1, cursor }));
        walked.push(...page.errors.map(({ message }) => message.split(' ')[0]!));
        cursor = page.next_cursor ?? undefined;
      } while (cursor !== undefined);
      expect(walked).toEqual(await list({ sort }));
    },
  );

  it('gives a cursor exactly while there is another page', async () => {
    const cursorOf = async (query: object) =>
      (await errors.reader.list(plainToInstance(ListErrorsQuery, query))).next_cursor;
    expect(await cursorOf({ limit: 3 })).toEqual(expect.any(String));
    expect(await cursorOf({ limit: 4 })).toBeNull();
    expect(await cursorOf({ limit: 5 })).toBeNull();
    expect(await cursorOf({ limit: 2, offset: 2 })).toBeNull();
  });

  it.each(['nonsense', '', 'W10', Buffer.from('["-last_seen",1,"x"]').toString('base64url')])(
    'refuses %j for a cursor',
    async (cursor) => {
      await expect(errors.reader.list(plainToInstance(ListErrorsQuery, { cursor }))).rejects.toMatchObject({
        code: 'VALIDATION_FAILED',
      });
    },
  );

  it('refuses the cursor of another order', async () => {
    const { next_cursor } = await errors.reader.list(plainToInstance(ListErrorsQuery, { limit: 1 }));
    const query = plainToInstance(ListErrorsQuery, { sort: 'first_seen', cursor: next_cursor });
    await expect(errors.reader.list(query)).rejects.toMatchObject({ code: 'VALIDATION_FAILED' });
  });

  it.each([
    ['everything, last seen first', {}, ['alpha', 'gamma', 'delta', 'beta']],
    ['by level', { level: 'warning' }, ['beta']],
    ['by source', { source: 'web' }, ['alpha', 'delta']],
    ['by level and source', { source: 'api', level: 'debug' }, ['gamma']],
    ['what is resolved', { resolved: 'true' }, ['beta']],
    ['what is open', { resolved: 'false' }, ['alpha', 'gamma', 'delta']],
    ['by the last environment', { environment: 'staging' }, ['alpha', 'beta']],
    ['by an earlier environment', { environment: 'production' }, ['alpha', 'delta']],
    ['by text, whatever its case', { search: 'GAMMA' }, ['gamma']],
    ['by text with a wildcard in it', { search: '100%' }, ['gamma']],
    ['by text with the other wildcard', { search: 'f_i' }, ['gamma']],
    ['a wildcard finds itself only', { search: 'e_a' }, []],
    ['a backslash finds itself only', { search: '\\' }, []],
    ['by text of two letters', { search: 'lt' }, ['delta']],
    ['by text in another script', { search: '日本' }, ['delta']],
    ['from a time on', { from: '2026-11-20T10:02:00.050Z' }, ['alpha', 'gamma', 'delta']],
    ['before a time', { to: '2026-11-20T10:02:00.100Z' }, ['delta', 'beta']],
    ['between', { from: '2026-11-20T10:02:00.010Z', to: '2026-11-20T10:02:00.100Z' }, ['delta']],
    ['by last seen, oldest first', { sort: 'last_seen' }, ['beta', 'delta', 'gamma', 'alpha']],
    ['by first seen, newest first', { sort: '-first_seen' }, ['gamma', 'delta', 'beta', 'alpha']],
    ['by first seen, oldest first', { sort: 'first_seen' }, ['alpha', 'beta', 'delta', 'gamma']],
    ['a page', { limit: '2', offset: '1' }, ['gamma', 'delta']],
    ['a page behind the end', { offset: '10' }, []],
  ])('lists %s', async (_, query, expected) => {
    expect(await list(query)).toEqual(expected);
  });

  it('says where the page stands and shows the summary', async () => {
    const page = await errors.reader.list(plainToInstance(ListErrorsQuery, { limit: '1', offset: '3' }));
    expect(page).toEqual({
      total: 4,
      total_is_estimate: false,
      next_cursor: null,
      page: 4,
      limit: 1,
      errors: [
        {
          id: ids['beta'],
          timestamp: new Date(START + 2 * MINUTE),
          level: 'warning',
          message: 'beta',
          source: 'api',
          environment: 'staging',
          url: null,
          fingerprint: expect.any(String),
          status: 'resolved',
          resolved: true,
          regressed_at: null,
          muted: false,
          assigned_to: null,
          culprit: null,
          platform: null,
          first_release: null,
          newest_release: null,
          users: 0,
          histogram: Array.from({ length: 24 }, () => 0),
          count: 1,
          first_seen: new Date(START + 2 * MINUTE),
          last_seen: new Date(START + 2 * MINUTE),
        },
      ],
    });
  });

  it('lists occurrences, newest first, each with its own text', async () => {
    clock.time = new Date(START + 10 * MINUTE);
    const { id } = await errors.report({ message: 'Order 1 failed', context: { n: 1 } });
    clock.time = new Date(START + 11 * MINUTE);
    await errors.report({ message: 'Order 2 failed', context: { n: 2 }, url: '/2' });
    const page = await errors.reader.occurrences(id, { limit: 1, offset: 0 });
    expect(page).toMatchObject({ total: 2, page: 1, limit: 1, total_is_estimate: false });
    expect(page.occurrences).toMatchObject([
      { message: 'Order 2 failed', context: { n: 2 }, url: '/2', level: 'error', received_at: clock.time },
    ]);
    expect((await errors.reader.occurrences(id, { limit: 50, offset: 1 })).occurrences).toMatchObject([
      { message: 'Order 1 failed' },
    ]);
    expect((await errors.reader.occurrences(id, { limit: 50, offset: 9 })).occurrences).toEqual([]);
  });

  it('explains a fingerprint', async () => {
    const { id, fingerprint } = await errors.report({
      message: 'Explain 42',
      source: 'web',
      stack_trace: 'at f (/a/b.js:1:2)',
    });
    expect(await errors.reader.grouping(id)).toMatchObject({
      id,
      fingerprint,
      version: 2,
      text: 'v2 web\nmessage: Explain ‹number›\nframe: f (b.js)',
      decided_by: 'algorithm',
    });
  });

  it('knows when there is no such error', async () => {
    const id = '00000000-0000-7000-8000-000000000000';
    await expect(errors.reader.get(id)).rejects.toMatchObject({ code: 'ERROR_NOT_FOUND' });
    await expect(errors.reader.grouping(id)).rejects.toMatchObject({ code: 'ERROR_NOT_FOUND' });
    await expect(errors.reader.occurrences(id, { limit: 1, offset: 0 })).rejects.toMatchObject({
      code: 'ERROR_NOT_FOUND',
    });
  });

  it('tells what changed since a time', async () => {
    clock.time = new Date(START + 60 * MINUTE);
    const { id } = await errors.report({ message: 'since' });
    await errors.service.resolve(id);
    const since = new Date(START + 30 * MINUTE);
    const idsOf = async (column: 'first_seen' | 'regressed_at' | 'resolved_at') =>
      (await errors.reader.changedSince(column, since, 10)).map((error) => error.id);
    expect(await idsOf('first_seen')).toEqual([id]);
    expect(await idsOf('resolved_at')).toEqual([id]);
    clock.time = new Date(START + 61 * MINUTE);
    await errors.report({ message: 'since' });
    expect(await idsOf('regressed_at')).toEqual([id]);
    expect(await idsOf('resolved_at')).toEqual([]);
  });
});
