import { DataSource } from 'typeorm';
import { dataSourceOptions } from '../../../src/database/data-source.js';
import { insertEndpoints, makeWorker, result } from '../monitoring/monitoring-parts.js';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.js';
import { waitFor } from '../../support/wait-for.js';

const ENDPOINTS = 5_000;
const ROUNDS = 5;
const BATCH = 200;

interface TableStatistics {
  scans: number;
  updates: number;
  hot: number;
}

/** What storing results costs where there are many more endpoints than results in a batch. */
describe('storing a batch of results', () => {
  let database: TestDatabase;
  let ids: string[];
  const now = Date.now();
  beforeAll(async () => {
    database = await createTestDatabase();
    ids = await insertEndpoints(
      database.dataSource,
      Array.from({ length: ENDPOINTS }, () => ({ next_check_at: new Date(now + 86_400_000) })),
    );
    await database.dataSource.query('VACUUM ANALYZE');
  });
  afterAll(() => database.drop());

  const statistics = async (table: string): Promise<TableStatistics> => {
    const [row] = await database.dataSource.query<TableStatistics[]>(
      `SELECT seq_scan::int AS scans, n_tup_upd::int AS updates, n_tup_hot_upd::int AS hot
       FROM pg_stat_user_tables WHERE relname = $1`,
      [table],
    );
    return row!;
  };

  /** Stores results over a connection of its own: one that ends hands its statistics over at once. */
  async function store(round: number): Promise<void> {
    const dataSource = await new DataSource(dataSourceOptions(database.url, 1)).initialize();
    const { writer } = makeWorker(dataSource);
    const chosen = ids.slice(0, BATCH);
    await Promise.all(chosen.map((id) => writer.write(result(id, now + round * 60_000))));
    await writer.onApplicationShutdown();
    await dataSource.destroy();
  }

  it('finds its endpoints by index, and updates them in place', async () => {
    await store(0);
    await waitFor('the first statistics', async () => (await statistics('endpoint_status')).updates >= BATCH);
    const before = await statistics('endpoint_status');
    const scansBefore = (await statistics('endpoints')).scans;
    for (let round = 1; round <= ROUNDS; round++) await store(round);
    const after = await waitFor('the statistics to arrive', async () => {
      const seen = await statistics('endpoint_status');
      return seen.updates >= before.updates + ROUNDS * BATCH && seen;
    });
    expect(after.updates - before.updates).toBe(ROUNDS * BATCH);
    expect(after.scans - before.scans).toBe(0);
    expect((await statistics('endpoints')).scans - scansBefore).toBe(0);
    // A page that is full sends a row elsewhere now and then; an indexed column that changed would do so every time.
    expect((after.hot - before.hot) / (after.updates - before.updates)).toBeGreaterThan(0.95);
  });
});
