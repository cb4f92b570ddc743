import type { DataSource } from 'typeorm';
import type { Bus } from '../../../src/realtime/bus.js';
import { CheckResultsWriter } from '../../../src/modules/monitoring/states/check-results.writer.js';
import {
  insertEndpoints,
  intervalsOf,
  makeWorker,
  RecordingBus,
  result,
  statusOf,
  TestClock,
} from '../monitoring/monitoring-parts.js';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.js';

const MINUTE = 60_000;

describe('regions that fall silent', () => {
  let database: TestDatabase;
  let dataSource: DataSource;
  beforeAll(async () => {
    database = await createTestDatabase();
    dataSource = database.dataSource;
  });
  afterAll(() => database.drop());

  /** An endpoint that `regions` have found as `told` says, a slot a minute, up to `last`. */
  async function make(regions: string[], told: Record<string, 'operational' | 'major_outage'>) {
    const clock = new TestClock();
    const last = clock.hold(Math.floor(Date.now() / 1_000) * 1_000);
    const [id] = await insertEndpoints(dataSource, [
      { retries: 0, failure_threshold: 1, next_check_at: new Date(last + MINUTE) },
    ]);
    await dataSource.query('UPDATE endpoints SET regions = $2 WHERE id = $1', [id, regions]);
    const tell = (region: string, slot: number, verdict: 'operational' | 'major_outage') =>
      new CheckResultsWriter(dataSource, new RecordingBus() as unknown as Bus, clock, {
        WORKER_REGION: region,
      }).writeSoon(result(id!, slot, verdict));
    for (const [region, verdict] of Object.entries(told)) await tell(region, last, verdict);
    const worker = makeWorker(dataSource, clock);
    const pass = async (minutes: number) => {
      for (let minute = 0; minute < minutes; minute++) {
        clock.advance(MINUTE);
        await worker.dispatcher.dispatch();
      }
    };
    return { id: id!, last, tell, worker, pass, clock };
  }

  const regionsOf = (id: string) =>
    dataSource.query(
      `SELECT region, status, status_since FROM endpoint_region_status WHERE endpoint_id = $1 ORDER BY region`,
      [id],
    );

  it('leave an endpoint unknown from when the three intervals were over', async () => {
    const { id, last, pass, worker } = await make(['eu'], { eu: 'operational' });
    await pass(3);
    expect(await statusOf(dataSource, id)).toMatchObject({ status: 'operational' });
    await pass(2);
    expect(await statusOf(dataSource, id)).toMatchObject({
      status: 'unknown',
      last_error: expect.stringContaining('no worker'),
    });
    const began = new Date(last + 3 * MINUTE);
    expect((await intervalsOf(dataSource, id)).slice(1)).toMatchObject([
      { state: 'operational', ended_at: began },
      { state: 'unknown', started_at: began, ended_at: null },
    ]);
    expect(await regionsOf(id)).toEqual([{ region: 'eu', status: 'unknown', status_since: began }]);
    await pass(3);
    expect(worker.bus.changes).toMatchObject([{ endpoint_id: id, state: 'unknown' }]);
    expect(await intervalsOf(dataSource, id)).toHaveLength(3);
  });

  it('come back with their first result', async () => {
    const { id, pass, tell, clock } = await make(['eu'], { eu: 'operational' });
    await pass(5);
    await tell('eu', clock.now().getTime(), 'operational');
    expect(await statusOf(dataSource, id)).toMatchObject({ status: 'operational', last_error: null });
    expect(await regionsOf(id)).toMatchObject([{ status: 'operational' }]);
  });

  it('leave an endpoint unknown that has been measured from elsewhere before', async () => {
    const { id, last, pass } = await make(['eu'], { eu: 'operational' });
    await dataSource.query(`UPDATE endpoints SET regions = '{mars}' WHERE id = $1`, [id]);
    await dataSource.query('DELETE FROM endpoint_region_status WHERE endpoint_id = $1', [id]);
    await pass(5);
    expect(await statusOf(dataSource, id)).toMatchObject({ status: 'unknown' });
    expect((await intervalsOf(dataSource, id)).at(-1)).toMatchObject({
      state: 'unknown',
      started_at: new Date(last + 3 * MINUTE),
    });
  });

  it('have no vote, while those that speak have theirs', async () => {
    const { id, last, pass, tell } = await make(['eu', 'us'], { eu: 'major_outage', us: 'operational' });
    expect(await statusOf(dataSource, id)).toMatchObject({ status: 'partial_outage' });
    for (let minute = 1; minute <= 2; minute++) {
      await pass(1);
      await tell('us', last + minute * MINUTE, 'operational');
    }
    await pass(3);
    expect(await statusOf(dataSource, id)).toMatchObject({ status: 'operational', last_error: null });
    expect((await intervalsOf(dataSource, id)).at(-1)).toMatchObject({
      state: 'operational',
      started_at: new Date(last + 3 * MINUTE),
    });
    expect(await regionsOf(id)).toMatchObject([
      { region: 'eu', status: 'unknown' },
      { region: 'us', status: 'operational' },
    ]);
  });
});
