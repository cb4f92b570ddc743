import { WATCHKEEP } from '../../../src/modules/errors/life/actor.js';
import { ErrorActivityReader } from '../../../src/modules/errors/life/error-activity.reader.js';
import { ListErrorsQuery } from '../../../src/modules/errors/dto/list-errors.dto.js';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.js';
import { ErrorsProcess, SetClock } from './errors-process.js';

const PAGE = { limit: 50, offset: 0 };
const NONE = '00000000-0000-7000-8000-000000000000';

describe('merging errors and taking them apart', () => {
  let database: TestDatabase;
  let one: ErrorsProcess;
  /** Hears nothing of what the other does. */
  let deaf: ErrorsProcess;
  const clock = new SetClock(new Date('2026-11-23T10:00:00Z'));

  beforeAll(async () => {
    database = await createTestDatabase();
    [one, deaf] = await Promise.all([
      ErrorsProcess.start(database.url, clock),
      ErrorsProcess.start(database.url, clock),
    ]);
  });
  afterAll(async () => {
    await Promise.all([one.stop(), deaf.stop()]);
    await database.drop();
  });

  const passes = (seconds: number): void =>
    void (clock.time = new Date(clock.time.getTime() + seconds * 1_000));
  const times = (message: string, count: number, more: object = {}) =>
    Array.from({ length: count }, () => ({ message, ...more }));
  const open = async (message: string, count = 1, more: object = {}): Promise<string> =>
    (await one.reportAll(times(message, count, more)))[0]!.id;
  const merge = (id: string, ids: string[]) => one.merging.merge(id, ids, WATCHKEEP);
  const unmerge = (id: string, ids: string[], fingerprints: string[] = []) =>
    one.merging.unmerge(id, { ids, fingerprints }, WATCHKEEP);
  const row = async (id: string) => {
    const [found] = await database.dataSource.query<Record<string, unknown>[]>(
      `SELECT count::int, first_seen, last_seen, level, environments, first_release, newest_release, merged_into, before_merge
       FROM errors WHERE id = $1`,
      [id],
    );
    return found;
  };

  it('makes one of several: counted, listed and read together', async () => {
    const b = await open('Together, alpha', 3, { level: 'error', environment: 'staging', source: 'joined' });
    passes(60);
    const a = await open('Together, beta', 2, {
      level: 'warning',
      environment: 'production',
      source: 'joined',
    });
    const before = await row(a);
    passes(60);
    expect(await merge(a, [b, a])).toEqual({ target: a, ids: [b] });
    expect(await merge(a, [b])).toEqual({ target: a, ids: [] });
    const whole = await one.reader.get(a);
    expect(whole).toMatchObject({ count: 5, level: 'error', environments: ['production', 'staging'] });
    expect(whole.first_seen).toEqual(new Date('2026-11-23T10:00:00Z'));
    expect(whole.merged).toEqual([
      { id: b, fingerprint: expect.any(String), message: 'Together, alpha', count: 3 },
    ]);
    expect(await one.reader.get(b)).toEqual(whole);
    const list = await one.reader.list(Object.assign(new ListErrorsQuery(), { source: 'joined' }));
    expect(list).toMatchObject({ total: 1, errors: [{ id: a, count: 5 }] });
    expect((await one.reader.occurrences(a, PAGE)).total).toBe(5);

    passes(60);
    const again = await one.report({
      message: 'Together, alpha',
      source: 'joined',
      level: 'debug',
      environment: 'test',
    });
    expect(again).toMatchObject({ id: a, count: 6, outcome: 'duplicate' });
    expect((await one.reader.occurrences(b, PAGE)).total).toBe(6);
    expect(one.bus.idsOf('errors.regrouped')).toContain(a);

    expect(await unmerge(a, [b, NONE])).toEqual({ target: a, ids: [b] });
    expect(await unmerge(a, [b])).toEqual({ target: a, ids: [] });
    expect(await row(a)).toEqual({ ...before, before_merge: null });
    expect(await row(b)).toMatchObject({
      count: 4,
      level: 'error',
      environments: ['staging', 'test'],
      last_seen: clock.time,
      merged_into: null,
      before_merge: null,
    });
    expect((await one.reader.occurrences(a, PAGE)).total).toBe(2);
    expect((await one.reader.occurrences(b, PAGE)).total).toBe(4);
    expect(await deaf.report({ message: 'Together, alpha', source: 'joined' })).toMatchObject({
      id: b,
      count: 5,
    });
    const { activities } = await new ErrorActivityReader(one.dataSource).activity(a, PAGE);
    expect(activities.map(({ kind, details }) => [kind, details])).toEqual([
      ['unmerged', { ids: [b] }],
      ['merged', { ids: [b] }],
      ['first_seen', {}],
    ]);
  });

  it('keeps chains flat, and gives back to each what is its own', async () => {
    const [a, b, c, d] = [
      await open('Chain, alpha', 1),
      await open('Chain, beta', 2),
      await open('Chain, gamma', 4),
      await open('Chain, delta', 8),
    ];
    await merge(b, [c]);
    await merge(d, [b]);
    expect(await row(b)).toMatchObject({ count: 2, merged_into: d });
    expect(await row(c)).toMatchObject({ count: 4, merged_into: d });
    // Who names a merged one means the whole, on either side.
    await one.reportAll([...times('Chain, gamma', 3), ...times('Chain, delta', 1)]);
    expect(await merge(a, [c])).toMatchObject({ target: a });
    expect((await one.reader.get(a)).merged.map(({ id, count }) => [id, count])).toEqual([
      [d, 9],
      [c, 7],
      [b, 2],
    ]);
    expect(await one.reader.get(a)).toMatchObject({ count: 19 });
    const { fingerprint } = (await one.reader.get(a)).merged[0]!;
    await unmerge(c, [b], [fingerprint]);
    expect(await one.reader.get(a)).toMatchObject({ id: a, count: 8, merged: [{ id: c, count: 7 }] });
    expect(await row(d)).toMatchObject({ count: 9, merged_into: null });
    expect(await row(b)).toMatchObject({ count: 2, merged_into: null });
  });

  it('refuses what is not there and what another program reported', async () => {
    const a = await open('Here', 1, { source: 'here' });
    const b = await open('There', 1, { source: 'there' });
    await expect(merge(a, [b])).rejects.toMatchObject({
      code: 'VALIDATION_FAILED',
      details: [{ field: 'ids' }],
    });
    await expect(merge(a, [NONE])).rejects.toMatchObject({ code: 'ERROR_NOT_FOUND' });
    await expect(merge(NONE, [a])).rejects.toMatchObject({ code: 'ERROR_NOT_FOUND' });
    await expect(unmerge(NONE, [a])).rejects.toMatchObject({ code: 'ERROR_NOT_FOUND' });
  });

  it('deletes with the whole what is merged into it, and a part not at all', async () => {
    const [a, b] = [await open('Gone, alpha', 2), await open('Gone, beta', 3)];
    await merge(a, [b]);
    await expect(one.deletion.delete(b)).rejects.toMatchObject({ code: 'CONFLICT' });
    await one.deletion.delete(a);
    await expect(one.reader.get(b)).rejects.toMatchObject({ code: 'ERROR_NOT_FOUND' });
    expect(
      await database.dataSource.query('SELECT FROM error_occurrences WHERE error_id = ANY($1)', [[a, b]]),
    ).toEqual([]);
    // The process still believes that it is merged.
    expect(await one.report({ message: 'Gone, beta' })).toMatchObject({ outcome: 'new', count: 1 });
  });

  it('a merged error keeps its state, and has it again', async () => {
    const [a, b] = [await open('State, alpha'), await open('State, beta')];
    await one.states.change(b, { action: 'mute', limits: {} }, WATCHKEEP);
    await merge(a, [b]);
    await one.states.change(b, { action: 'resolve', in: 'now' }, WATCHKEEP);
    expect(await one.reader.get(a)).toMatchObject({ status: 'resolved' });
    passes(1);
    expect(await one.report({ message: 'State, beta' })).toMatchObject({ id: a, outcome: 'regression' });
    await unmerge(a, [b]);
    expect(await one.reader.get(b)).toMatchObject({ status: 'muted', count: 2 });
  });

  it('counts exactly while reports flood in and others merge, take apart and have not heard of it', async () => {
    const [a, b, c] = [await open('Flood, alpha'), await open('Flood, beta'), await open('Flood, gamma')];
    const names = ['Flood, alpha', 'Flood, beta', 'Flood, gamma'];
    const acknowledged: Record<string, number> = { 'Flood, alpha': 1, 'Flood, beta': 1, 'Flood, gamma': 1 };
    let isOver = false;
    const flood = async (through: ErrorsProcess, seed: number): Promise<void> => {
      for (let n = seed; !isOver; n++) {
        await Promise.all(
          [0, 1, 2, 3, 4].map(async (offset) => {
            const message = names[(n + offset) % 3]!;
            const wasTaken = await through.report({ message }).then(
              () => true,
              (error: { code?: string }) => {
                if (error.code !== 'OVERLOADED') throw error;
                return false;
              },
            );
            if (wasTaken) acknowledged[message]!++;
          }),
        );
      }
    };
    const floods = Promise.all([flood(one, 0), flood(one, 1), flood(deaf, 2), flood(deaf, 0)]);
    for (let round = 0; round < 12; round++) {
      await merge(a, [b, c]);
      await unmerge(a, [c]);
      await merge(c, [a]);
      await unmerge(c, [a, b]);
      await merge(b, [c]);
      await deaf.merging.merge(a, [b], WATCHKEEP);
      await deaf.merging.unmerge(a, { ids: [b, c], fingerprints: [] }, WATCHKEEP);
    }
    isOver = true;
    await floods;
    expect(await row(a)).toMatchObject({ count: acknowledged['Flood, alpha'], merged_into: null });
    expect(await row(b)).toMatchObject({ count: acknowledged['Flood, beta'], merged_into: null });
    expect(await row(c)).toMatchObject({ count: acknowledged['Flood, gamma'], merged_into: null });
    const occurrences = await database.dataSource.query<{ id: string; n: number }[]>(
      `SELECT error_id AS id, count(*)::int AS n FROM (SELECT error_id FROM error_occurrences UNION ALL
         SELECT error_id FROM error_last_occurrences) AS o WHERE error_id = ANY($1) GROUP BY 1`,
      [[a, b, c]],
    );
    for (const { n } of occurrences) expect(n).toBeGreaterThan(0);
    expect(acknowledged['Flood, alpha']).toBeGreaterThan(50);
  }, 60_000);

  it('leaves nothing behind when it is deleted while it is reported and merged', async () => {
    const b = await open('Deleted, beta');
    const reports = deaf.reportAll([...times('Deleted, alpha', 150), ...times('Deleted, beta', 150)]);
    const a = await open('Deleted, alpha');
    await Promise.allSettled([merge(a, [b]), one.deletion.delete(a), one.deletion.delete(b)]);
    await reports;
    const orphans = await database.dataSource.query<unknown[]>(
      'SELECT FROM error_occurrences WHERE error_id NOT IN (SELECT id FROM errors)',
    );
    expect(orphans).toHaveLength(0);
  });
});
