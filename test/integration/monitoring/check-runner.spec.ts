import type { DataSource } from 'typeorm';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.js';
import { type LocalServer, startHttp } from './local-server.js';
import {
  countChecks,
  insertEndpoints,
  intervalsOf,
  makeWorker,
  statusOf,
  TestClock,
  type TestWorker,
} from './monitoring-parts.js';

describe('running checks end to end', () => {
  let database: TestDatabase;
  let dataSource: DataSource;
  let server: LocalServer;
  let answer = 200;
  let requests = 0;
  beforeAll(async () => {
    database = await createTestDatabase();
    dataSource = database.dataSource;
    server = await startHttp((request, response) => {
      requests++;
      if (answer === 0) request.socket.destroy();
      else response.writeHead(answer).end('ok');
    });
  });
  afterAll(async () => {
    await server.close();
    await database.drop();
  });
  beforeEach(async () => {
    answer = 200;
    requests = 0;
    await dataSource.query('TRUNCATE endpoints, checks CASCADE');
  });

  /** One beat: dispatch what is due and run it. Says how many checks that was. */
  async function beat(worker: TestWorker): Promise<number> {
    const from = worker.jobs.length;
    const count = await worker.dispatcher.dispatch();
    await Promise.all(worker.jobs.slice(from).map((job) => worker.runner.runSlots(job.slots)));
    return count;
  }

  it('checks by the settings of the moment, options of a later version included', async () => {
    const now = Date.now();
    const [id] = await insertEndpoints(dataSource, [{ url: server.url }]);
    const worker = makeWorker(dataSource);
    await worker.runner.runSlots([[id!, now - 3]]);
    await worker.runner.runSlots([[id!, now - 2]]);
    await dataSource.query(`UPDATE endpoints SET expected_status_codes = '{418}' WHERE id = $1`, [id]);
    await worker.runner.runSlots([[id!, now - 1]]);
    const rows = await dataSource.query<{ error: string | null }[]>(
      'SELECT error FROM checks ORDER BY scheduled_at',
    );
    expect(rows.map((row) => row.error)).toEqual([null, null, 'Expected 418, got 200']);
  });

  it('checks no slot before its time, and those close together in one burst', async () => {
    const now = Date.now();
    const ids = await insertEndpoints(dataSource, [{ url: server.url }, { url: server.url }]);
    const worker = makeWorker(dataSource);
    await worker.runner.runSlots([
      [ids[0]!, now + 300],
      [ids[1]!, now + 150],
    ]);
    const rows = await dataSource.query<{ late: number }[]>(
      `SELECT (extract(epoch FROM checked_at - scheduled_at) * 1000)::float8 AS late FROM checks ORDER BY scheduled_at`,
    );
    expect(Math.min(...rows.map((row) => row.late))).toBeGreaterThanOrEqual(0);
    expect(rows[0]!.late).toBeGreaterThanOrEqual(150);
  });

  it.each([
    ['1m', 60_000],
    ['5s', 5_000],
    ['20s', 20_000],
  ])(
    'a server that stops is a major outage within two intervals of %s, and recovers',
    async (_, interval_ms) => {
      const clock = new TestClock();
      clock.hold();
      const [id] = await insertEndpoints(dataSource, [{ url: server.url, interval_ms }]);
      const worker = makeWorker(dataSource, clock);
      await beat(worker);
      expect((await statusOf(dataSource, id!)).status).toBe('operational');

      answer = 0;
      const died = clock.now().getTime();
      const seen = new Set<string>();
      while ((await statusOf(dataSource, id!)).status === 'operational') {
        clock.advance(1_000);
        if ((await beat(worker)) > 0) seen.add((await statusOf(dataSource, id!)).status);
      }
      expect(clock.now().getTime() - died).toBeLessThanOrEqual(2 * interval_ms);
      expect([...seen]).toEqual(['operational', 'major_outage']);
      expect(await statusOf(dataSource, id!)).toMatchObject({
        status: 'major_outage',
        consecutive_failures: 2,
        last_error: 'Connection closed without an answer',
      });

      answer = 204;
      while ((await statusOf(dataSource, id!)).status === 'major_outage') {
        clock.advance(1_000);
        await beat(worker);
      }
      const intervals = await intervalsOf(dataSource, id!);
      expect(intervals.map((each) => each.state)).toEqual([
        'unknown',
        'operational',
        'major_outage',
        'operational',
      ]);
      for (const [index, each] of intervals.slice(0, -1).entries()) {
        expect(each.ended_at).toEqual(intervals[index + 1]!.started_at);
      }
      expect(worker.bus.changes.map((change) => change.status)).toEqual(['healthy', 'unhealthy', 'healthy']);
    },
  );

  it('honours failure and recovery thresholds', async () => {
    const clock = new TestClock();
    clock.hold();
    const [id] = await insertEndpoints(dataSource, [
      { url: server.url, interval_ms: 10_000, retries: 0, failure_threshold: 3, recovery_threshold: 2 },
    ]);
    const worker = makeWorker(dataSource, clock);
    const states: string[] = [];
    for (const next of [200, 500, 500, 200, 500, 500, 500, 200, 500, 200, 200]) {
      answer = next;
      while ((await beat(worker)) === 0) clock.advance(1_000);
      states.push((await statusOf(dataSource, id!)).status);
    }
    expect(states).toEqual([
      ...Array<string>(6).fill('operational'),
      ...Array<string>(4).fill('major_outage'),
      'operational',
    ]);
  });

  it('a batch that runs twice leaves one result a slot and checks what is stored no more', async () => {
    const ids = await insertEndpoints(
      dataSource,
      Array.from({ length: 20 }, () => ({ url: server.url })),
    );
    const [one, two] = [makeWorker(dataSource), makeWorker(dataSource)];
    await one.dispatcher.dispatch();
    const { slots } = one.jobs[0]!;
    await Promise.all([one.runner.runSlots(slots), two.runner.runSlots(slots)]);
    const made = requests;
    await two.runner.runSlots(slots);
    expect(requests).toBe(made);
    expect(await countChecks(dataSource)).toBe(20);
    expect(await countChecks(dataSource, ids[0])).toBe(1);
  });

  it('skips endpoints deleted or disabled since', async () => {
    const [gone, disabled, left] = await insertEndpoints(dataSource, [
      { url: server.url },
      { url: server.url },
      { url: server.url },
    ]);
    const worker = makeWorker(dataSource);
    await worker.dispatcher.dispatch();
    await dataSource.query('DELETE FROM endpoints WHERE id = $1', [gone]);
    await dataSource.query('UPDATE endpoints SET enabled = false WHERE id = $1', [disabled]);
    await worker.runner.runSlots(worker.jobs[0]!.slots);
    expect(requests).toBe(1);
    expect(await countChecks(dataSource, left)).toBe(1);
    expect(await countChecks(dataSource)).toBe(1);
  });

  it('a job that comes back long after its turn is not checked late, but recorded as unmeasured', async () => {
    const clock = new TestClock();
    clock.hold();
    const [id] = await insertEndpoints(dataSource, [{ url: server.url, interval_ms: 5_000 }]);
    const worker = makeWorker(dataSource, clock);
    await worker.dispatcher.dispatch();
    const stalled = worker.jobs[0]!;
    clock.advance(11_000);
    await worker.dispatcher.dispatch();
    await worker.runner.runSlots(stalled.slots);
    expect(requests).toBe(0);
    const rows = await dataSource.query('SELECT ok, status, error FROM checks ORDER BY scheduled_at LIMIT 1');
    expect(rows).toEqual([{ ok: null, status: 'unknown', error: 'Not checked in time: no worker was free' }]);

    await worker.runner.runSlots(worker.jobs[1]!.slots);
    expect(requests).toBe(1);
    expect((await statusOf(dataSource, id!)).status).toBe('operational');
  });

  it('a job that is late by less than an interval is checked', async () => {
    const clock = new TestClock();
    clock.hold();
    await insertEndpoints(dataSource, [{ url: server.url, interval_ms: 60_000 }]);
    const worker = makeWorker(dataSource, clock);
    await worker.dispatcher.dispatch();
    clock.advance(55_000);
    await worker.runner.runSlots(worker.jobs[0]!.slots);
    expect(requests).toBe(1);
  });

  it('a job from days ago leaves nothing at all', async () => {
    const clock = new TestClock();
    clock.hold();
    const [id] = await insertEndpoints(dataSource, [{ url: server.url, interval_ms: 5_000 }]);
    const worker = makeWorker(dataSource, clock);
    await worker.runner.runSlots([[id!, clock.now().getTime() - 40 * 86_400_000]]);
    expect(await countChecks(dataSource)).toBe(0);
  });

  it('a check out of turn uses the time of its request as slot, and drives the state', async () => {
    const [id] = await insertEndpoints(dataSource, [{ url: server.url }]);
    const worker = makeWorker(dataSource);
    const asked = Date.now();
    await worker.runner.runNow([id!], asked);
    await worker.runner.runNow([id!], asked);
    expect(await countChecks(dataSource)).toBe(1);
    expect(await statusOf(dataSource, id!)).toMatchObject({
      status: 'operational',
      last_slot: new Date(asked),
    });
  });

  it('says so when stored credentials cannot be read, and blames nobody', async () => {
    const [id] = await insertEndpoints(dataSource, [
      { url: server.url, headers_encrypted: 'v1:bm90IG91cnM=' },
    ]);
    const worker = makeWorker(dataSource);
    await worker.runner.runNow([id!], Date.now());
    expect(await statusOf(dataSource, id!)).toMatchObject({
      status: 'unknown',
      last_error: expect.stringContaining('SECRET_KEY has changed'),
    });
    expect(requests).toBe(0);
  });
});
