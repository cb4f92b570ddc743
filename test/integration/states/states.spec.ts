import type { DataSource } from 'typeorm';
import type { Verdict } from '../../../src/modules/monitoring/states/endpoint-state.js';
import {
  insertEndpoints,
  intervalsOf,
  makeWorker,
  result,
  statusOf,
} from '../monitoring/monitoring-parts.js';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.js';

describe('what lies beneath the state that is shown', () => {
  let database: TestDatabase;
  let dataSource: DataSource;
  const now = Date.now();
  beforeAll(async () => {
    database = await createTestDatabase();
    dataSource = database.dataSource;
  });
  afterAll(() => database.drop());

  /** Stores results a minute apart. */
  async function store(id: string, verdicts: readonly (Verdict | 'held')[], start = now) {
    const { writer, bus } = makeWorker(dataSource);
    for (const [index, verdict] of verdicts.entries()) {
      const slot = start + index * 60_000;
      await writer.write(
        verdict === 'held' ? { ...result(id, slot, 'unknown'), held: true } : result(id, slot, verdict),
      );
    }
    await writer.onApplicationShutdown();
    return bus;
  }

  it('a held state stays, its time counts as unknown, and nothing is announced', async () => {
    const [id] = await insertEndpoints(dataSource, [{}]);
    const bus = await store(id!, ['operational', 'held', 'held', 'unknown']);
    expect(await statusOf(dataSource, id!)).toMatchObject({
      status: 'operational',
      measured_status: 'operational',
      held: true,
      status_since: new Date(now),
    });
    expect((await intervalsOf(dataSource, id!)).slice(1)).toEqual([
      { state: 'operational', started_at: new Date(now), ended_at: new Date(now + 60_000) },
      { state: 'unknown', started_at: new Date(now + 60_000), ended_at: null },
    ]);
    expect(bus.changes).toHaveLength(1);

    const after = await store(id!, ['operational'], now + 240_000);
    expect(await statusOf(dataSource, id!)).toMatchObject({ status: 'operational', held: false });
    expect((await intervalsOf(dataSource, id!)).at(-1)).toEqual({
      state: 'operational',
      started_at: new Date(now + 240_000),
      ended_at: null,
    });
    expect(after.changes).toEqual([]);
  });

  it('in maintenance, results move only what is measured', async () => {
    const [id] = await insertEndpoints(dataSource, [{}]);
    await dataSource.query(
      `UPDATE endpoint_status SET maintenance = true, status = 'maintenance' WHERE endpoint_id = $1`,
      [id],
    );
    const bus = await store(id!, ['operational', 'major_outage', 'major_outage']);
    expect(await statusOf(dataSource, id!)).toMatchObject({
      status: 'maintenance',
      measured_status: 'major_outage',
      consecutive_failures: 2,
    });
    expect(await intervalsOf(dataSource, id!)).toHaveLength(1);
    expect(bus.changes).toEqual([]);
  });

  it('an endpoint that flaps says so, once, and once it does not any more', async () => {
    const [id] = await insertEndpoints(dataSource, [{}]);
    const restless = Array.from({ length: 22 }, (_, index) => (index % 2 ? 'major_outage' : 'operational'));
    const bus = await store(id!, restless);
    expect(await statusOf(dataSource, id!)).toMatchObject({ status: 'operational', flapping: true });
    expect(bus.flaps).toMatchObject([
      { endpoint_id: id, flapping: true, state: 'operational', previous_state: 'operational' },
    ]);
    const quiet = await store(id!, Array<Verdict>(20).fill('operational'), now + 3_600_000);
    expect(await statusOf(dataSource, id!)).toMatchObject({ flapping: false });
    expect(quiet.flaps).toMatchObject([{ endpoint_id: id, flapping: false }]);
  });
});
