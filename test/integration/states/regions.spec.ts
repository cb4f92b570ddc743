import type { DataSource } from 'typeorm';
import type { Bus } from '../../../src/realtime/bus.js';
import { Clock } from '../../../src/common/clock.js';
import { CheckResultsWriter } from '../../../src/modules/monitoring/states/check-results.writer.js';
import type { Verdict } from '../../../src/modules/monitoring/states/endpoint-state.js';
import {
  countChecks,
  insertEndpoints,
  intervalsOf,
  RecordingBus,
  result,
  statusOf,
} from '../monitoring/monitoring-parts.js';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.js';

describe('endpoints that several regions check', () => {
  let database: TestDatabase;
  let dataSource: DataSource;
  const now = Date.now();
  beforeAll(async () => {
    database = await createTestDatabase();
    dataSource = database.dataSource;
  });
  afterAll(() => database.drop());

  const writerIn = (region: string) => {
    const bus = new RecordingBus();
    const config = { WORKER_REGION: region };
    return { bus, writer: new CheckResultsWriter(dataSource, bus as unknown as Bus, new Clock(), config) };
  };

  async function insertRegional(): Promise<string> {
    const [id] = await insertEndpoints(dataSource, [
      { retries: 0, failure_threshold: 1, next_check_at: new Date(now + 60_000) },
    ]);
    await dataSource.query(`UPDATE endpoints SET regions = '{eu,us,asia}' WHERE id = $1`, [id]);
    return id!;
  }

  const regionsOf = (id: string) =>
    dataSource.query(
      `SELECT region, status, last_slot, last_error, last_response_ms FROM endpoint_region_status
       WHERE endpoint_id = $1 ORDER BY region`,
      [id],
    );

  it('keep a row a region, and follow the quorum', async () => {
    const id = await insertRegional();
    const [eu, us, asia] = ['eu', 'us', 'asia'].map((region) => writerIn(region));
    const tell = (worker: typeof eu, minute: number, verdict: Verdict) =>
      worker!.writer.write(result(id, now + minute * 60_000, verdict));
    for (const worker of [eu, us, asia]) expect(await tell(worker, 0, 'operational')).toBe(true);
    await tell(eu, 1, 'major_outage');
    expect(await statusOf(dataSource, id)).toMatchObject({ status: 'partial_outage' });
    await tell(asia, 1, 'operational');
    expect(await statusOf(dataSource, id)).toMatchObject({
      status: 'partial_outage',
      last_error: 'Connection refused',
      last_slot: new Date(now + 60_000),
    });
    await tell(us, 1, 'major_outage');
    expect(await statusOf(dataSource, id)).toMatchObject({ status: 'major_outage' });
    const down = {
      status: 'major_outage',
      last_slot: new Date(now + 60_000),
      last_error: 'Connection refused',
    };
    expect(await regionsOf(id)).toMatchObject([
      { region: 'asia', status: 'operational', last_error: null, last_response_ms: 12.345 },
      { region: 'eu', ...down },
      { region: 'us', ...down },
    ]);
    expect(await countChecks(dataSource, id)).toBe(6);
    expect((await intervalsOf(dataSource, id)).slice(1).map((interval) => interval.state)).toEqual([
      'operational',
      'partial_outage',
      'major_outage',
    ]);
  });

  it('take results of all regions at the same time', async () => {
    const id = await insertRegional();
    const workers = ['eu', 'us', 'asia'].map((region) => writerIn(region));
    const rounds = Array.from({ length: 10 }, (_, round) => now + round * 60_000);
    const outcomes = await Promise.all(
      rounds.flatMap((slot) => workers.map(({ writer }) => writer.write(result(id, slot, 'major_outage')))),
    );
    expect(outcomes.every(Boolean)).toBe(true);
    expect(await statusOf(dataSource, id)).toMatchObject({
      status: 'major_outage',
      last_slot: new Date(rounds.at(-1)!),
    });
  });

  it('check again soon when a region sees a failure that is not believed yet', async () => {
    const id = await insertRegional();
    await dataSource.query('UPDATE endpoints SET retries = 1, failure_threshold = 2 WHERE id = $1', [id]);
    const { writer } = writerIn('us');
    await writer.write(result(id, now));
    await writer.write(result(id, now + 1_000, 'major_outage'));
    expect((await statusOf(dataSource, id)).next_check_at).toEqual(new Date(now + 11_000));
  });

  it('keep what other regions find, without effect', async () => {
    const id = await insertRegional();
    expect(await writerIn('mars').writer.write(result(id, now, 'major_outage'))).toBe(true);
    expect(await statusOf(dataSource, id)).toMatchObject({ status: 'unknown', last_slot: null });
    expect(await regionsOf(id)).toEqual([]);
  });
});
