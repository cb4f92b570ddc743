import fc from 'fast-check';
import { ResponseTimesReader } from '../../../src/modules/monitoring/statistics/response-times.reader.js';
import {
  figuresOf,
  mergeSummaries,
  type ResponseSummary,
  summaryOf,
} from '../../../src/modules/monitoring/statistics/response-summary.js';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.js';
import { insertEndpoints, TestClock } from '../monitoring/monitoring-parts.js';
import { DAY, HOUR, insertChecks, makeRollUp, type RawCheck } from './statistics-parts.js';

type Row = ResponseSummary & { endpoint_id: string; started_at: Date; region: string };

describe('rollups of checks', () => {
  let database: TestDatabase;
  let clock: TestClock;
  let start: number;
  beforeEach(async () => {
    database = await createTestDatabase();
    clock = new TestClock();
    // Partitions exist from yesterday to a week ahead.
    start = Math.floor(Date.now() / DAY) * DAY;
  });
  afterEach(() => database.drop());

  const rows = (table: string) =>
    database.dataSource.query<Row[]>(
      `SELECT endpoint_id, started_at, region, checks, failed, unmeasured, sum_us::float8, min_ms, max_ms, buckets, counts
       FROM ${table} ORDER BY endpoint_id, started_at, region`,
    );

  const expected = (checks: readonly RawCheck[], size: number): Row[] => {
    const parts = new Map<string, RawCheck[]>();
    for (const check of checks) {
      const key = JSON.stringify([
        check.endpoint_id,
        Math.floor(check.checked_at / size) * size,
        check.region,
      ]);
      parts.set(key, [...(parts.get(key) ?? []), check]);
    }
    return [...parts]
      .map(([key, part]) => {
        const [endpoint_id, at, region] = JSON.parse(key) as [string, number, string];
        return { endpoint_id, started_at: new Date(at), region, ...summaryOf(part) };
      })
      .sort((a, b) => (sortKey(a) < sortKey(b) ? -1 : 1));
  };
  const sortKey = (row: Row) => `${row.endpoint_id} ${row.started_at.toISOString()} ${row.region}`;

  /** Random checks of two endpoints and regions within `span` milliseconds. */
  const randomChecks = (ids: string[], span: number, count: number): RawCheck[] => {
    const check = fc.record({
      endpoint_id: fc.constantFrom(...ids),
      checked_at: fc.integer({ min: start, max: start + span - 1 }),
      region: fc.constantFrom('default', 'eu'),
      result: fc.oneof(
        // Whole microseconds up to 2^24: what the column `real` holds exactly enough to print them again.
        fc.tuple(
          fc.boolean(),
          fc.integer({ min: 0, max: 16_000_000 }).map((us) => us / 1_000),
        ),
        fc.tuple(fc.constant(false), fc.constant(null)),
        fc.tuple(fc.constant(null), fc.constant(null)),
      ),
    });
    const unique = fc.uniqueArray(check, {
      minLength: count,
      maxLength: count,
      selector: ({ endpoint_id, checked_at, region }) => `${endpoint_id} ${checked_at} ${region}`,
    });
    return fc
      .sample(unique, 1)[0]!
      .map(({ result: [ok, response_time_ms], ...rest }) => ({ ...rest, ok, response_time_ms }));
  };

  it('are the summaries of their raw rows, and stay so when they are made again', async () => {
    const ids = await insertEndpoints(database.dataSource, [{}, {}]);
    const checks = randomChecks(ids, 2 * DAY, 2_000);
    await insertChecks(database.dataSource, checks);
    clock.hold(start + 2 * DAY + 10 * 60_000);
    const rollUp = makeRollUp(database.dataSource, clock);
    expect((await rollUp.rollUp()).check_days).toBe(3);
    expect(await rows('check_hours')).toEqual(expected(checks, HOUR));
    expect(await rows('check_days')).toEqual(expected(checks, DAY));

    await database.dataSource.query('UPDATE rollup_progress SET done_to = NULL');
    await rollUp.rollUp();
    expect(await rows('check_hours')).toEqual(expected(checks, HOUR));
    expect(await rows('check_days')).toEqual(expected(checks, DAY));
    expect(await rollUp.rollUp()).toEqual({
      check_hours: 0,
      check_days: 0,
      endpoint_days: 0,
      corrected: 0,
      endpoint_months: 0,
    });
  });

  it('wait until an hour has settled', async () => {
    const [id] = await insertEndpoints(database.dataSource, [{}]);
    await insertChecks(database.dataSource, randomChecks([id!], HOUR, 10));
    const rollUp = makeRollUp(database.dataSource, clock);
    const lastHour = async () => {
      await rollUp.rollUp();
      return (await rows('check_hours')).length;
    };
    clock.hold(start + HOUR + 299_999);
    expect(await lastHour()).toBe(0);
    expect(await rollUp.isBehind()).toBe(false);
    clock.hold(start + HOUR + 300_000);
    expect(await rollUp.isBehind()).toBe(true);
    expect(await lastHour()).toBeGreaterThan(0);
    expect(await rollUp.isBehind()).toBe(false);
  });

  it('leave out endpoints that are gone, and go with them', async () => {
    const ids = await insertEndpoints(database.dataSource, [{}, {}]);
    const checks = randomChecks(ids, 2 * HOUR, 100);
    await insertChecks(database.dataSource, checks);
    await database.dataSource.query('DELETE FROM endpoints WHERE id = $1', [ids[0]]);
    clock.hold(start + DAY);
    await makeRollUp(database.dataSource, clock).rollUp();
    expect(new Set((await rows('check_hours')).map((row) => row.endpoint_id))).toEqual(new Set([ids[1]]));
    await database.dataSource.query('DELETE FROM endpoints');
    expect(await rows('check_hours')).toEqual([]);
  });

  it('can be made by several workers at once', async () => {
    const ids = await insertEndpoints(database.dataSource, [{}, {}]);
    const checks = randomChecks(ids, DAY, 500);
    await insertChecks(database.dataSource, checks);
    clock.hold(start + DAY + HOUR);
    const workers = [1, 2, 3].map(() => makeRollUp(database.dataSource, clock));
    const reports = await Promise.all(workers.map((worker) => worker.rollUp()));
    expect(reports.reduce((sum, report) => sum + report.check_hours, 0)).toBe(48);
    expect(await rows('check_hours')).toEqual(expected(checks, HOUR));
  });

  it('stop in the middle when the process does, and go on later', async () => {
    const ids = await insertEndpoints(database.dataSource, [{}]);
    await insertChecks(database.dataSource, randomChecks(ids, DAY, 50));
    clock.hold(start + DAY + HOUR);
    const stopping = makeRollUp(database.dataSource, clock);
    stopping.onModuleDestroy();
    expect((await stopping.rollUp()).check_hours).toBe(0);
    expect((await makeRollUp(database.dataSource, clock).rollUp()).check_days).toBe(2);
  });

  it.each([
    ['nothing', undefined],
    ['some hours', 30 * HOUR],
    ['all that has closed', 2 * DAY + 5 * HOUR],
  ])('answer the same with %s rolled up', async (_, rolledUpAt) => {
    const ids = await insertEndpoints(database.dataSource, [{}, {}]);
    const now = start + 2 * DAY + 5 * HOUR + 20 * 60_000;
    const checks = randomChecks(ids, now - start, 1_500);
    await insertChecks(database.dataSource, checks);
    if (rolledUpAt !== undefined) {
      clock.hold(start + rolledUpAt + 6 * 60_000);
      await makeRollUp(database.dataSource, clock).rollUp();
      // Single checks expire long before the hours that are made of them.
      await database.dataSource.query(
        `DELETE FROM checks WHERE checked_at < (SELECT done_to FROM rollup_progress WHERE name = 'check_hours')`,
      );
    }
    clock.hold(now);
    const reader = new ResponseTimesReader(database.dataSource, clock);
    const own = checks.filter((check) => check.endpoint_id === ids[0]);
    for (const [step, size] of [
      ['1h', HOUR],
      ['1d', DAY],
    ] as const) {
      const answer = await reader.read(ids[0]!, { step, from: new Date(start) });
      const total = summaryOf(own);
      expect(answer.total).toEqual({
        count: total.checks,
        failed: total.failed,
        unmeasured: total.unmeasured,
        ...figuresOf(total),
      });
      expect(answer.regions).toEqual(['default', 'eu']);
      expect(answer.series).toHaveLength(Math.ceil((now - start) / size));
      for (const { at, count, p95 } of answer.series) {
        const part = own.filter((check) => Math.floor(check.checked_at / size) * size === at.getTime());
        expect({ count, p95 }).toEqual({ count: part.length, p95: figuresOf(summaryOf(part)).p95 });
      }
      const eu = await reader.read(ids[0]!, { step, from: new Date(start), region: 'eu' });
      expect(eu.total.count).toBe(own.filter((check) => check.region === 'eu').length);
      expect(eu.regions).toEqual(['eu']);
    }
  });

  it('shows every minute, with or without checks', async () => {
    const ids = await insertEndpoints(database.dataSource, [{}]);
    const checks = randomChecks(ids, HOUR, 40);
    await insertChecks(database.dataSource, checks);
    clock.hold(start + HOUR);
    const { series, step, total } = await new ResponseTimesReader(database.dataSource, clock).read(ids[0]!, {
      from: new Date(start),
    });
    expect(step).toBe('1m');
    expect(series).toHaveLength(60);
    expect(series.reduce((sum, each) => sum + each.count, 0)).toBe(40);
    expect(total.count).toBe(mergeSummaries([summaryOf(checks)]).checks);
  });
});
