import * as fc from 'fast-check';
import type { DataSource } from 'typeorm';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.js';
import {
  countChecks,
  insertEndpoints,
  intervalsOf,
  makeWorker,
  result,
  statusOf,
  TestClock,
} from './monitoring-parts.js';

const MINUTE = 60_000;

describe('dispatching due checks', () => {
  let database: TestDatabase;
  let dataSource: DataSource;
  beforeAll(async () => {
    database = await createTestDatabase();
    dataSource = database.dataSource;
  });
  afterAll(() => database.drop());
  beforeEach(() => dataSource.query('TRUNCATE endpoints, checks CASCADE'));

  it('claims a due endpoint once and moves it to its next slot', async () => {
    const clock = new TestClock();
    const now = clock.hold();
    const [id] = await insertEndpoints(dataSource, [{ next_check_at: new Date(now - 400) }]);
    const worker = makeWorker(dataSource, clock);
    expect(await worker.dispatcher.dispatch()).toBe(1);
    expect(worker.jobs).toEqual([
      { slots: [[id, now - 400]], jobId: `${id}-${now - 400}`, region: undefined },
    ]);
    const next = (await statusOf(dataSource, id!)).next_check_at!.getTime();
    expect(next).toBeGreaterThan(now);
    expect(next).toBeLessThanOrEqual(now - 400 + MINUTE);
    expect(await worker.dispatcher.dispatch()).toBe(0);
  });

  it('leaves alone what is not due, disabled, or waiting for somebody’s lock', async () => {
    const soon = new Date(Date.now() + MINUTE);
    const [, , locked] = await insertEndpoints(dataSource, [
      { next_check_at: soon },
      { next_check_at: null, enabled: false },
      {},
    ]);
    const worker = makeWorker(dataSource);
    await dataSource.transaction(async (manager) => {
      await manager.query('SELECT 1 FROM endpoint_status WHERE endpoint_id = $1 FOR UPDATE', [locked]);
      expect(await worker.dispatcher.dispatch()).toBe(0);
    });
    expect(await worker.dispatcher.dispatch()).toBe(1);
  });

  it('two dispatchers side by side claim each slot once', async () => {
    const clock = new TestClock();
    clock.hold();
    await insertEndpoints(
      dataSource,
      Array.from({ length: 2_000 }, () => ({ interval_ms: 1_000 })),
    );
    const workers = [
      makeWorker(dataSource, clock),
      makeWorker(dataSource, clock),
      makeWorker(dataSource, clock),
    ];
    for (let beat = 0; beat < 5; beat++) {
      clock.advance(1_000);
      await Promise.all(workers.map((worker) => worker.dispatcher.dispatch()));
    }
    const claimed = workers.flatMap((worker) => worker.jobs.flatMap((job) => job.slots.map(String)));
    expect(new Set(claimed).size).toBe(claimed.length);
    // Who finds a row locked passes it by, so a beat may find fewer; every endpoint has its turn all the same.
    expect(claimed.length).toBeGreaterThanOrEqual(4 * 2_000);
    expect(new Set(workers.flatMap((worker) => worker.jobs.map((job) => job.jobId))).size).toBe(
      workers.reduce((sum, worker) => sum + worker.jobs.length, 0),
    );
  });

  it('cuts what is due into batches', async () => {
    await insertEndpoints(
      dataSource,
      Array.from({ length: 600 }, () => ({})),
    );
    const worker = makeWorker(dataSource);
    expect(await worker.dispatcher.dispatch()).toBe(600);
    expect(worker.jobs.map((job) => job.slots.length)).toEqual([250, 250, 100]);
  });

  it('hands out what is due until its next beat, and nothing beyond', async () => {
    const clock = new TestClock();
    const now = clock.hold();
    const [soon] = await insertEndpoints(dataSource, [
      { next_check_at: new Date(now + 1_000) },
      { next_check_at: new Date(now + 1_001) },
    ]);
    const worker = makeWorker(dataSource, clock);
    expect(await worker.dispatcher.dispatch()).toBe(1);
    expect(worker.jobs[0]!.slots).toEqual([[soon, now + 1_000]]);
  });

  it('hands an endpoint to each of its regions, and leaves alone those that report by themselves', async () => {
    const [anywhere, two, push] = await insertEndpoints(dataSource, [{}, {}, {}]);
    await dataSource.query(`UPDATE endpoints SET regions = '{eu,us}' WHERE id = $1`, [two]);
    await dataSource.query(`UPDATE endpoints SET kind = 'push' WHERE id = $1`, [push]);
    const worker = makeWorker(dataSource);
    await worker.dispatcher.dispatch();
    expect(worker.jobs.map(({ region, slots }) => [region, slots.map(([id]) => id)])).toEqual([
      [undefined, [anywhere]],
      ['eu', [two]],
      ['us', [two]],
    ]);
  });

  it('takes more than one claim when very many are due', async () => {
    await insertEndpoints(
      dataSource,
      Array.from({ length: 5_200 }, () => ({})),
    );
    const clock = new TestClock();
    clock.hold();
    const worker = makeWorker(dataSource, clock);
    await worker.dispatcher.dispatch();
    expect(new Set(worker.jobs.flatMap((job) => job.slots.map(([id]) => id))).size).toBe(5_200);
  });

  it('spreads endpoints with the same interval evenly over it', async () => {
    await insertEndpoints(
      dataSource,
      Array.from({ length: 3_000 }, () => ({})),
    );
    const clock = new TestClock();
    const start = clock.hold();
    await makeWorker(dataSource, clock).dispatcher.dispatch();
    const rows = await dataSource.query<{ next: number }[]>(
      'SELECT (extract(epoch FROM next_check_at) * 1000)::float8 AS next FROM endpoint_status',
    );
    const seconds = Array<number>(60).fill(0);
    for (const { next } of rows) seconds[Math.floor(((next - start - 1) % MINUTE) / 1_000)]!++;
    expect(Math.min(...seconds)).toBeGreaterThan(20);
    expect(Math.max(...seconds)).toBeLessThan(90);
  });

  it('loses no slot when the beat is as long as the interval and comes unevenly', async () => {
    const clock = new TestClock();
    clock.hold();
    const ids = await insertEndpoints(
      dataSource,
      Array.from({ length: 50 }, () => ({ interval_ms: 1_000 })),
    );
    const worker = makeWorker(dataSource, clock);
    await worker.dispatcher.dispatch();
    for (let beat = 0; beat < 30; beat++) {
      clock.advance(beat % 2 === 0 ? 970 : 1_030);
      await worker.dispatcher.dispatch();
    }
    const perEndpoint = ids.map(
      (id) => worker.jobs.flatMap((job) => job.slots).filter(([each]) => each === id).length,
    );
    expect(Math.min(...perEndpoint)).toBeGreaterThanOrEqual(30);
    expect(await countChecks(dataSource)).toBe(0);
  });

  it('keeps the grid: slots are an interval apart however late the beats are', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1_000, max: 300_000 }),
        fc.array(fc.integer({ min: 200, max: 400_000 }), { minLength: 1, maxLength: 12 }),
        async (interval_ms, beats) => {
          await dataSource.query('TRUNCATE endpoints CASCADE');
          const clock = new TestClock();
          const start = clock.hold();
          const [id] = await insertEndpoints(dataSource, [{ interval_ms, next_check_at: new Date(start) }]);
          const { slots } = makeWorker(dataSource, clock);
          const claims = [await slots.claim({ now: clock.now(), beat: 1_000, limit: 10 })];
          for (const beat of beats) {
            clock.advance(beat);
            claims.push(await slots.claim({ now: clock.now(), beat: 1_000, limit: 10 }));
          }
          const [first, ...rest] = claims.flat();
          expect(first).toMatchObject({ endpoint_id: id, slot: start, due: start, missed: 0 });
          const next = (await statusOf(dataSource, id!)).next_check_at!.getTime();
          let previous = start;
          for (const claim of rest) {
            expect(claim.slot).toBeGreaterThan(previous);
            expect((next - claim.slot) % interval_ms).toBe(0);
            expect((claim.slot - claim.due) % interval_ms).toBe(0);
            if (claim.missed > 0) {
              expect(claim.missed).toBe((claim.slot - claim.due) / interval_ms);
              expect(claim.last_missed).toBe(claim.slot - interval_ms);
            }
            previous = claim.slot;
          }
        },
      ),
      { numRuns: 40 },
    );
  });

  describe('after a time when nothing ran', () => {
    it('records the missed slots as unmeasured, once, from the first of them on', async () => {
      const clock = new TestClock();
      const now = clock.hold();
      const [id] = await insertEndpoints(dataSource, [{ interval_ms: MINUTE }]);
      const worker = makeWorker(dataSource, clock);
      await worker.dispatcher.dispatch();
      await dataSource.query(
        `UPDATE endpoint_status SET status = 'operational', measured_status = 'operational', status_since = $1`,
        [new Date(now - MINUTE)],
      );
      await dataSource.query(`UPDATE endpoint_state_intervals SET state = 'operational', started_at = $1`, [
        new Date(now - MINUTE),
      ]);
      const due = (await statusOf(dataSource, id!)).next_check_at!.getTime();
      clock.hold(due + 10 * MINUTE + 5_000);
      await worker.dispatcher.dispatch();

      const rows = await dataSource.query<{ ok: null; status: string; error: string; scheduled_at: Date }[]>(
        `SELECT ok, status, error, scheduled_at FROM checks WHERE status = 'unknown'`,
      );
      expect(rows).toEqual([
        {
          ok: null,
          status: 'unknown',
          scheduled_at: new Date(due + 9 * MINUTE),
          error: `10 checks were missed, the first at ${new Date(due).toISOString()}: nothing was dispatching them`,
        },
      ]);
      expect(worker.jobs.at(-1)!.slots).toEqual([[id, due + 10 * MINUTE]]);
      expect((await statusOf(dataSource, id!)).status).toBe('unknown');
      const intervals = await intervalsOf(dataSource, id!);
      expect(intervals).toMatchObject([
        { state: 'operational', ended_at: new Date(due) },
        { state: 'unknown', started_at: new Date(due), ended_at: null },
      ]);
      expect(worker.bus.changes).toMatchObject([
        { endpoint_id: id, state: 'unknown', previous_state: 'operational', status: 'unknown' },
      ]);
    });

    it('mere lateness is no gap', async () => {
      const clock = new TestClock();
      clock.hold();
      const [id] = await insertEndpoints(dataSource, [{ interval_ms: 5_000 }]);
      const worker = makeWorker(dataSource, clock);
      await worker.dispatcher.dispatch();
      const due = (await statusOf(dataSource, id!)).next_check_at!.getTime();
      clock.hold(due + 6_900);
      await worker.dispatcher.dispatch();
      expect(worker.jobs.at(-1)!.slots).toEqual([[id, due + 5_000]]);
      expect(await countChecks(dataSource)).toBe(0);
    });
  });

  it('gives slots back when they cannot be handed over', async () => {
    const clock = new TestClock();
    const now = clock.hold();
    const ids = await insertEndpoints(
      dataSource,
      Array.from({ length: 150 }, () => ({ next_check_at: new Date(now) })),
    );
    const worker = makeWorker(dataSource, clock);
    worker.queue.failing = true;
    await expect(worker.dispatcher.dispatch()).rejects.toThrow('The queue is gone');
    worker.queue.failing = false;
    expect(await worker.dispatcher.dispatch()).toBe(150);
    const slots = worker.jobs.flatMap((job) => job.slots);
    expect(new Set(slots.map(([id]) => id))).toEqual(new Set(ids));
    expect(new Set(slots.map(([, slot]) => slot))).toEqual(new Set([now]));
  });

  it('a worker that starts finds the slots again that another has claimed and not answered', async () => {
    const clock = new TestClock();
    const now = clock.hold();
    const [answered, lost, fresh] = await insertEndpoints(dataSource, [
      { interval_ms: 5_000 },
      { interval_ms: 5_000 },
      { interval_ms: 5_000, next_check_at: new Date(now + 60_000) },
      { interval_ms: 5_000, next_check_at: null, enabled: false },
    ]);
    const worker = makeWorker(dataSource, clock);
    await worker.dispatcher.dispatch();
    for (const id of [answered, lost]) await worker.writer.write(result(id!, now));
    await dataSource.query('UPDATE endpoint_status SET last_slot = $2 WHERE endpoint_id = $1', [
      fresh,
      new Date(now + 56_000),
    ]);
    clock.advance(5_000);
    await worker.dispatcher.dispatch();
    const slots = worker.jobs.at(-1)!.slots;
    const [, slot] = slots.find(([id]) => id === lost)!;
    await worker.writer.write(result(answered!, slots.find(([id]) => id === answered)![1]));

    const starting = makeWorker(dataSource, clock);
    clock.hold(slot + 900);
    expect(await starting.dispatcher.recover()).toBe(0);
    clock.hold(slot + 1_100);
    expect(await starting.dispatcher.recover()).toBe(1);
    expect(starting.jobs.map((job) => job.slots)).toEqual([[[lost, slot]]]);
    expect(starting.jobs[0]!.jobId).not.toBe(worker.jobs.at(-1)!.jobId);
    await starting.writer.write(result(lost!, slot));
    expect(await starting.dispatcher.recover()).toBe(0);
  });
});
