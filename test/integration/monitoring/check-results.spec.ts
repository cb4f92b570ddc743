import type { DataSource } from 'typeorm';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.js';
import { waitFor } from '../../support/wait-for.js';
import {
  countChecks,
  insertEndpoints,
  intervalsOf,
  makeWorker,
  result,
  statusOf,
  TestClock,
} from './monitoring-parts.js';

describe('storing check results', () => {
  let database: TestDatabase;
  let dataSource: DataSource;
  const now = Date.now();
  beforeAll(async () => {
    database = await createTestDatabase();
    dataSource = database.dataSource;
  });
  afterAll(() => database.drop());
  beforeEach(() => dataSource.query('TRUNCATE endpoints, checks CASCADE'));

  const isWaiting = async (): Promise<boolean> => {
    const waiting = await dataSource.query<unknown[]>(
      `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
    );
    return waiting.length > 0;
  };

  it('keeps the measurement with its phases', async () => {
    const [id] = await insertEndpoints(dataSource, [{}]);
    expect(await makeWorker(dataSource).writer.write(result(id!, now))).toBe(true);
    const [row] = await dataSource.query<Record<string, unknown>[]>('SELECT * FROM checks');
    expect(row).toEqual({
      endpoint_id: id,
      scheduled_at: new Date(now),
      region: 'default',
      checked_at: new Date(now),
      ok: true,
      status: 'operational',
      status_code: 200,
      error: null,
      response_time_ms: 12.345,
      dns_ms: null,
      connect_ms: 0.5,
      tls_ms: null,
      first_byte_ms: 10.25,
      download_ms: 1.5,
    });
    expect(await statusOf(dataSource, id!)).toMatchObject({
      status: 'operational',
      last_slot: new Date(now),
      last_checked_at: new Date(now),
      last_response_ms: 12.345,
      last_error: null,
    });
  });

  it('stores a slot once however often its result comes, and counts it once', async () => {
    const [id] = await insertEndpoints(dataSource, [{}]);
    const [one, two] = [makeWorker(dataSource), makeWorker(dataSource)];
    await one.writer.write(result(id!, now - 9_000));
    const outcomes = await Promise.all(
      [one, two, one, two, one].map(({ writer }) => writer.write(result(id!, now, 'major_outage'))),
    );
    expect(outcomes.filter(Boolean)).toHaveLength(1);
    expect(await countChecks(dataSource)).toBe(2);
    expect(await statusOf(dataSource, id!)).toMatchObject({ status: 'operational', consecutive_failures: 1 });
  });

  it('opens and closes state intervals, also when several changes come in one batch', async () => {
    const [id, other] = await insertEndpoints(dataSource, [{}, {}]);
    const { writer, bus } = makeWorker(dataSource);
    const verdicts = ['operational', 'major_outage', 'major_outage', 'degraded'] as const;
    await Promise.all([
      ...verdicts.map((verdict, index) => writer.write(result(id!, now + index * 1_000, verdict))),
      writer.write(result(other!, now)),
    ]);
    expect((await intervalsOf(dataSource, id!)).slice(1)).toEqual([
      { state: 'operational', started_at: new Date(now), ended_at: new Date(now + 2_000) },
      { state: 'major_outage', started_at: new Date(now + 2_000), ended_at: new Date(now + 3_000) },
      { state: 'degraded', started_at: new Date(now + 3_000), ended_at: null },
    ]);
    expect(bus.changes.filter((change) => change.endpoint_id === id)).toMatchObject([
      { state: 'operational', previous_state: 'unknown', status: 'healthy', service: `Endpoint ${id}` },
      {
        state: 'major_outage',
        previous_state: 'operational',
        status: 'unhealthy',
        at: new Date(now + 2_000).toISOString(),
      },
      { state: 'degraded', previous_state: 'major_outage', status: 'healthy' },
    ]);
    const open = await dataSource.query('SELECT 1 FROM endpoint_state_intervals WHERE ended_at IS NULL');
    expect(open).toHaveLength(2);
  });

  it('a result older than the newest is history: kept, without effect', async () => {
    const [id] = await insertEndpoints(dataSource, [{ failure_threshold: 1, retries: 0 }]);
    const { writer } = makeWorker(dataSource);
    await writer.write(result(id!, now));
    expect(await writer.write(result(id!, now - 60_000, 'major_outage'))).toBe(true);
    expect(await countChecks(dataSource)).toBe(2);
    expect(await statusOf(dataSource, id!)).toMatchObject({
      status: 'operational',
      last_slot: new Date(now),
    });
  });

  it('a pending failure brings the next check forward, and never back', async () => {
    const [id] = await insertEndpoints(dataSource, [{ next_check_at: new Date(now + 60_000) }]);
    const { writer } = makeWorker(dataSource);
    await writer.write(result(id!, now, 'major_outage'));
    expect((await statusOf(dataSource, id!)).next_check_at).toEqual(new Date(now + 10_000));
    const [soon] = await insertEndpoints(dataSource, [{ next_check_at: new Date(now + 3_000) }]);
    await writer.write(result(soon!, now, 'major_outage'));
    expect((await statusOf(dataSource, soon!)).next_check_at).toEqual(new Date(now + 3_000));
  });

  it('nothing is stored for an endpoint that is gone; a disabled one keeps its state', async () => {
    const [gone, disabled] = await insertEndpoints(dataSource, [{}, { enabled: false, next_check_at: null }]);
    await dataSource.query('DELETE FROM endpoints WHERE id = $1', [gone]);
    const { writer, bus } = makeWorker(dataSource);
    const outcomes = await Promise.all([
      writer.write(result(gone!, now)),
      writer.write(result(disabled!, now, 'major_outage')),
    ]);
    expect(outcomes).toEqual([false, true]);
    expect(await statusOf(dataSource, disabled!)).toMatchObject({ status: 'unknown', next_check_at: null });
    expect(bus.changes).toEqual([]);
  });

  it('concurrent batches over the same endpoints in any order do not deadlock', async () => {
    const ids = await insertEndpoints(
      dataSource,
      Array.from({ length: 200 }, () => ({})),
    );
    const workers = [makeWorker(dataSource), makeWorker(dataSource), makeWorker(dataSource)];
    const outcomes = await Promise.all(
      workers.flatMap(({ writer }, index) =>
        Array.from({ length: 10 }, (_, round) =>
          [...ids]
            .sort(() => ((index + round) % 3) - 1)
            .map((id) => writer.write(result(id, now + round, round % 2 ? 'major_outage' : 'operational'))),
        ).flat(),
      ),
    );
    expect(outcomes.filter(Boolean)).toHaveLength(2_000);
    expect(await countChecks(dataSource)).toBe(2_000);
  });

  it('locks in order of id: who waits for the first row holds none of the others', async () => {
    const ids = (await insertEndpoints(dataSource, [{}, {}, {}, {}])).toSorted();
    const { writer } = makeWorker(dataSource);
    let writing: Promise<boolean>[] = [];
    await dataSource.transaction(async (manager) => {
      const lock = 'SELECT 1 FROM endpoint_status WHERE endpoint_id = $1 FOR UPDATE NOWAIT';
      await manager.query(lock, [ids[0]]);
      writing = ids.toReversed().map((id) => writer.write(result(id, now)));
      await waitFor('the writer to wait for the lock', () => isWaiting());
      for (const id of ids.slice(1)) await manager.query(lock, [id]);
    });
    expect(await Promise.all(writing)).toEqual([true, true, true, true]);
  });

  it('knows the settings as they are once it has the lock, not as they were when it began to wait', async () => {
    const [id] = await insertEndpoints(dataSource, [{}]);
    const { writer, bus } = makeWorker(dataSource);
    let writing: Promise<boolean> | undefined;
    await dataSource.transaction(async (manager) => {
      await manager.query('SELECT 1 FROM endpoint_status WHERE endpoint_id = $1 FOR UPDATE', [id]);
      writing = writer.write(result(id!, now));
      await waitFor('the writer to wait for the lock', () => isWaiting());
      await manager.query('UPDATE endpoints SET enabled = false WHERE id = $1', [id]);
    });
    expect(await writing).toBe(true);
    expect((await statusOf(dataSource, id!)).status).toBe('unknown');
    expect((await intervalsOf(dataSource, id!)).at(-1)).toMatchObject({ state: 'unknown', ended_at: null });
    expect(bus.changes).toEqual([]);
  });

  it('keeps the time and figures of the last real check when a slot was not measured', async () => {
    const [id] = await insertEndpoints(dataSource, [{}]);
    const { writer } = makeWorker(dataSource);
    await writer.write(result(id!, now));
    await writer.write(result(id!, now + 60_000, 'unknown'));
    expect(await statusOf(dataSource, id!)).toMatchObject({
      status: 'unknown',
      last_checked_at: new Date(now),
      last_response_ms: 12.345,
    });
    await writer.write(result(id!, now + 120_000, 'major_outage'));
    expect(await statusOf(dataSource, id!)).toMatchObject({ last_response_ms: null });
  });

  it('does not wait until changes are announced, and announces them before it stops', async () => {
    const ids = await insertEndpoints(dataSource, [{}, {}]);
    const { writer, bus } = makeWorker(dataSource);
    let announce: (() => void) | undefined;
    bus.publishAll = (_, changes) =>
      new Promise((resolve) => {
        announce = () => resolve(void bus.changes.push(...changes));
      });
    await writer.write(result(ids[0]!, now));
    await writer.write(result(ids[1]!, now));
    expect(bus.changes).toEqual([]);
    const stopped = writer.onApplicationShutdown();
    for (const count of [1, 2]) {
      announce!();
      await waitFor(`${count} announcements`, () => bus.changes.length === count);
      await new Promise(setImmediate);
    }
    await stopped;
    expect(bus.changes.map((change) => change.endpoint_id)).toEqual(ids);
  });

  it('a result that somebody waits for does not wait for company', async () => {
    const [one, two] = await insertEndpoints(dataSource, [{}, {}]);
    const { writer } = makeWorker(dataSource);
    const scheduled = writer.write(result(one!, now)).then(() => 'scheduled');
    const awaited = writer.writeSoon(result(two!, now)).then(() => 'awaited');
    expect(await Promise.race([scheduled, awaited])).toBe('awaited');
    expect(await countChecks(dataSource, two)).toBe(1);
    await scheduled;
  });

  it('deleting endpoints while results arrive does not deadlock either', async () => {
    const ids = await insertEndpoints(
      dataSource,
      Array.from({ length: 100 }, () => ({})),
    );
    const { writer } = makeWorker(dataSource);
    const deletions = ids.map((id) =>
      dataSource.transaction(async (manager) => {
        await manager.query('SELECT 1 FROM endpoint_status WHERE endpoint_id = $1 FOR UPDATE', [id]);
        await manager.query('DELETE FROM endpoints WHERE id = $1', [id]);
      }),
    );
    const writes = ids.flatMap((id) => [0, 1, 2].map((round) => writer.write(result(id, now + round))));
    await Promise.all([...deletions, ...writes]);
    await waitFor('no endpoint is left', async () => {
      const rows = await dataSource.query<unknown[]>('SELECT 1 FROM endpoint_status');
      return rows.length === 0;
    });
  });

  it('makes the partition that is missing and stores all the same', async () => {
    const [id] = await insertEndpoints(dataSource, [{}]);
    const clock = new TestClock();
    const later = clock.hold(now + 20 * 86_400_000);
    expect(await makeWorker(dataSource, clock).writer.write(result(id!, later))).toBe(true);
  });

  it('does not take a row that a constraint refuses for one without a partition', async () => {
    const [id] = await insertEndpoints(dataSource, [{}]);
    await dataSource.query(
      'ALTER TABLE endpoint_status ADD CONSTRAINT never_up CHECK (last_response_ms IS NULL)',
    );
    const clock = new TestClock();
    // No partition is there yet for the day that the clock shows: it would be seen if one were made.
    clock.hold(now + 40 * 86_400_000);
    await expect(makeWorker(dataSource, clock).writer.write(result(id!, now))).rejects.toThrow('never_up');
    const made = await dataSource.query('SELECT to_regclass($1) AS name', [
      `checks_${clock.now().toISOString().slice(0, 10).replaceAll('-', '')}`,
    ]);
    expect(made).toEqual([{ name: null }]);
    await dataSource.query('ALTER TABLE endpoint_status DROP CONSTRAINT never_up');
  });
});
