import { v7 } from 'uuid';
import { applyMiss, type Signal } from '../../../src/modules/monitoring/heartbeats/heartbeat.js';
import { HeartbeatsService } from '../../../src/modules/monitoring/heartbeats/heartbeats.service.js';
import {
  lockPushEndpoint,
  OVERDUE,
  writeMisses,
} from '../../../src/modules/monitoring/heartbeats/heartbeat.store.js';
import { OverdueHeartbeats } from '../../../src/modules/monitoring/heartbeats/overdue-heartbeats.service.js';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.js';
import {
  insertEndpoints,
  intervalsOf,
  makeWorker,
  statusOf,
  TestClock,
  type TestWorker,
} from '../monitoring/monitoring-parts.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const GRACE = 5 * MINUTE;

const signal = (kind: Signal['kind'], more: Partial<Signal> = {}): Signal => ({
  kind,
  exit_code: null,
  message: null,
  duration_ms: null,
  ...more,
});

describe('heartbeats and their deadlines', () => {
  let database: TestDatabase;
  let clock: TestClock;
  let worker: TestWorker;
  let heartbeats: HeartbeatsService;
  let overdue: OverdueHeartbeats;

  beforeAll(async () => {
    database = await createTestDatabase();
  });
  afterAll(() => database.drop());
  beforeEach(async () => {
    await database.dataSource.query('TRUNCATE endpoints, checks CASCADE');
    clock = new TestClock();
    clock.hold(Date.now());
    worker = makeWorker(database.dataSource, clock);
    heartbeats = new HeartbeatsService(database.dataSource, worker.writer, clock);
    overdue = new OverdueHeartbeats(database.dataSource, worker.writer, worker.network);
  });

  const makePush = async (options: object = {}, interval_ms = HOUR): Promise<string> => {
    const [id] = await insertEndpoints(database.dataSource, [
      { id: v7(), url: '', interval_ms, retries: 0, failure_threshold: 1, next_check_at: null },
    ]);
    await database.dataSource.query(`UPDATE endpoints SET kind = 'push', options = $2 WHERE id = $1`, [
      id,
      JSON.stringify({ grace: '5m', ...options }),
    ]);
    return id!;
  };
  const checksOf = (id: string) =>
    database.dataSource.query<
      { ok: boolean | null; error: string | null; response_time_ms: number | null }[]
    >('SELECT ok, error, response_time_ms FROM checks WHERE endpoint_id = $1 ORDER BY scheduled_at', [id]);
  const status = async (id: string) => (await statusOf(database.dataSource, id)).status;
  /** Beats once a second until `milliseconds` have gone by, skipping those that find nothing due. */
  const pass = async (milliseconds: number): Promise<number> => {
    const end = clock.now().getTime() + milliseconds;
    let found = 0;
    while (clock.now().getTime() < end) {
      const [next] = await database.dataSource.query<{ at: Date | null }[]>(
        'SELECT min(next_check_at) AS at FROM endpoint_status',
      );
      const due = next!.at?.getTime() ?? Infinity;
      clock.hold(Math.min(end, Math.max(due, clock.now().getTime()) + 1_000));
      found += await overdue.run(clock.now());
    }
    return found;
  };

  it('an endpoint that was never heard of is not waited for', async () => {
    const id = await makePush();
    expect(await pass(24 * HOUR)).toBe(0);
    expect(await status(id)).toBe('unknown');
  });

  it('the first heartbeat makes it operational and begins the wait', async () => {
    const id = await makePush();
    await heartbeats.report(id, signal('success'));
    const { status: now, next_check_at, last_slot } = await statusOf(database.dataSource, id);
    expect(now).toBe('operational');
    expect(next_check_at!.getTime()).toBe(clock.now().getTime() + HOUR + GRACE);
    expect(last_slot).toEqual(clock.now());
  });

  it('one that does not come is an outage from its deadline on, and recorded once an interval', async () => {
    const id = await makePush();
    await heartbeats.report(id, signal('success'));
    const heard = clock.now().toISOString();
    await pass(HOUR + GRACE - 1);
    expect(await status(id)).toBe('operational');
    await pass(2_000);
    expect(await status(id)).toBe('major_outage');
    await pass(2 * HOUR);
    const errors = (await checksOf(id)).map(({ error }) => error);
    expect(errors).toHaveLength(4);
    expect(errors[1]).toContain(`No heartbeat since ${heard}`);
    await heartbeats.report(id, signal('success'));
    expect(await status(id)).toBe('operational');
  });

  it('one that comes just in time is not overtaken by the finding that it is missing', async () => {
    const id = await makePush();
    await heartbeats.report(id, signal('success'));
    clock.advance(HOUR + GRACE - 100);
    const judge = worker.network.judge.bind(worker.network);
    // The other process is ahead by 200 ms, and has seen that nothing was heard.
    worker.network.judge = async (...found) => {
      await heartbeats.report(id, signal('success'));
      return judge(...found);
    };
    expect(await overdue.run(new Date(clock.now().getTime() + 200))).toBe(1);
    expect(await status(id)).toBe('operational');
    expect((await statusOf(database.dataSource, id)).next_check_at!.getTime()).toBeGreaterThan(
      clock.now().getTime() + HOUR,
    );
  });

  it('an exit code or a failure is an outage at once, with its words', async () => {
    const id = await makePush();
    await heartbeats.report(id, signal('fail', { exit_code: 3, message: '\n disk full \nmore' }));
    expect(await checksOf(id)).toEqual([
      { ok: false, error: 'Ended with exit code 3: disk full', response_time_ms: null },
    ]);
    expect(await status(id)).toBe('major_outage');
  });

  it('a run has a response time, and makes it degraded when it takes too long', async () => {
    const id = await makePush();
    await database.dataSource.query('UPDATE endpoints SET degraded_threshold_ms = 60000 WHERE id = $1', [id]);
    for (const [duration, expected] of [
      [MINUTE, 'operational'],
      [2 * MINUTE, 'degraded'],
    ] as const) {
      clock.advance(1_000);
      await heartbeats.report(id, signal('start'));
      clock.advance(duration);
      await heartbeats.report(id, signal('success'));
      expect(await status(id)).toBe(expected);
    }
    expect((await checksOf(id)).map((check) => check.response_time_ms)).toEqual([MINUTE, 2 * MINUTE]);
  });

  it('a run that does not end in time is an outage', async () => {
    const id = await makePush({ max_run_time: '10m' });
    await heartbeats.report(id, signal('start'));
    expect(await status(id)).toBe('unknown');
    expect(await pass(10 * MINUTE + 1_000)).toBe(1);
    expect(await status(id)).toBe('major_outage');
    expect((await checksOf(id))[0]!.error).toContain('not finished within 10m');
  });

  it('what was due while nothing was running is unknown, not an outage', async () => {
    const id = await makePush();
    await heartbeats.report(id, signal('success'));
    clock.advance(3 * HOUR);
    expect(await overdue.run(clock.now())).toBe(1);
    expect(await status(id)).toBe('unknown');
    const intervals = await intervalsOf(database.dataSource, id);
    expect(intervals.at(-1)!.started_at.getTime()).toBe(clock.now().getTime() - 2 * HOUR + GRACE);
    expect(await overdue.run(clock.now())).toBe(0);
    expect(await pass(HOUR + GRACE + 1_000)).toBe(1);
    expect(await status(id)).toBe('major_outage');
  });

  it('two beats at once leave one result', async () => {
    const id = await makePush();
    await heartbeats.report(id, signal('success'));
    clock.advance(HOUR + GRACE);
    await Promise.all([overdue.run(clock.now()), overdue.run(clock.now())]);
    expect(await checksOf(id)).toHaveLength(2);
  });

  it('a heartbeat that comes while its absence is being recorded counts', async () => {
    const id = await makePush();
    await heartbeats.report(id, signal('success'));
    clock.advance(HOUR + GRACE + 1);
    const endpoint = (await lockPushEndpoint(database.dataSource.manager, id))!;
    const { heartbeat } = applyMiss(endpoint.heartbeat, endpoint, clock.now().getTime());
    await heartbeats.report(id, signal('success'));
    await writeMisses(database.dataSource, [{ id, passed: endpoint.heartbeat.deadline!, heartbeat }]);
    const { next_check_at } = await statusOf(database.dataSource, id);
    expect(next_check_at!.getTime()).toBe(clock.now().getTime() + HOUR + GRACE);
  });

  it('many in one millisecond, and behind a clock that was ahead, are all results', async () => {
    const id = await makePush();
    clock.advance(10_000);
    await heartbeats.report(id, signal('success'));
    clock.advance(-10_000);
    await Promise.all(Array.from({ length: 10 }, () => heartbeats.report(id, signal('fail'))));
    expect(await checksOf(id)).toHaveLength(11);
    expect(await status(id)).toBe('major_outage');
  });

  it('a disabled endpoint is heard, and nothing follows', async () => {
    const id = await makePush();
    await database.dataSource.query('UPDATE endpoints SET enabled = false WHERE id = $1', [id]);
    await heartbeats.report(id, signal('success'));
    expect(await checksOf(id)).toEqual([]);
    expect(await statusOf(database.dataSource, id)).toMatchObject({ status: 'unknown', next_check_at: null });
  });

  it('too many are refused, with the time to wait', async () => {
    const id = await makePush();
    const outcomes = await Promise.allSettled(
      Array.from({ length: 60 }, () => heartbeats.report(id, signal('start'))),
    );
    const refused = outcomes.filter((outcome) => outcome.status === 'rejected');
    expect(refused).toHaveLength(10);
    expect(refused[0]!.reason).toMatchObject({ code: 'RATE_LIMIT_EXCEEDED', retryAfter: 1 });
  });

  it('what is not a push endpoint cannot be reported', async () => {
    const [id] = await insertEndpoints(database.dataSource, [{}]);
    await expect(heartbeats.report(id!, signal('success'))).rejects.toMatchObject({
      code: 'ENDPOINT_NOT_FOUND',
    });
  });

  it('finds the overdue among 2,000 push endpoints and 5,000 others that are due', async () => {
    await insertEndpoints(
      database.dataSource,
      Array.from({ length: 7_000 }, () => ({
        retries: 0,
        next_check_at: new Date(clock.now().getTime() - 1_000),
      })),
    );
    await database.dataSource.query(
      `WITH pushed AS (
         UPDATE endpoints SET kind = 'push', url = '', failure_threshold = 1
         WHERE id IN (SELECT id FROM endpoints ORDER BY id LIMIT 2000) RETURNING id
       ), heard AS (
         INSERT INTO endpoint_heartbeats (endpoint_id, last_ping_at, expected_at)
         SELECT id, now() - interval '1 hour', now() - interval '1 minute' FROM pushed RETURNING endpoint_id
       )
       UPDATE endpoint_status s SET next_check_at = now() + interval '1 hour' FROM heard h
       WHERE h.endpoint_id = s.endpoint_id`,
    );
    await database.dataSource.query('ANALYZE');
    const started = performance.now();
    expect(await overdue.run(clock.now())).toBe(0);
    expect(performance.now() - started).toBeLessThan(100);
    const [plan] = await database.dataSource.query<{ 'QUERY PLAN': [{ 'Execution Time': number }] }[]>(
      `EXPLAIN (ANALYZE, FORMAT JSON) ${OVERDUE}`,
      [clock.now(), 1_000],
    );
    expect(plan!['QUERY PLAN'][0]['Execution Time']).toBeLessThan(50);
    clock.advance(HOUR + 10_000);
    expect(await overdue.run(clock.now())).toBe(2_000);
    const [counted] = await database.dataSource.query<{ count: number }[]>(
      `SELECT count(*)::int AS count FROM endpoint_status WHERE status = 'major_outage'`,
    );
    expect(counted!.count).toBe(2_000);
  });
});
