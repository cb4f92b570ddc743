import type { DataSource } from 'typeorm';
import { COVERED_ENDPOINTS } from '../../../src/modules/monitoring/states/maintenance-coverage.store.js';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.js';
import { TestClock } from '../monitoring/monitoring-parts.js';
import { insertOperational, makeMaintenance } from './maintenance-parts.js';

const ENDPOINTS = 20_000;
const HOUR = 3_600_000;

/** What windows cost with many endpoints and a long history of both. */
describe('maintenance of 20,000 endpoints', () => {
  let database: TestDatabase;
  let dataSource: DataSource;
  const clock = new TestClock();
  const start = clock.hold();
  const at = (hours: number) => new Date(start + hours * HOUR);

  beforeAll(async () => {
    database = await createTestDatabase();
    dataSource = database.dataSource;
    await insertOperational(
      dataSource,
      start,
      Array.from({ length: ENDPOINTS }, () => ({})),
    );
    await dataSource.query(`UPDATE endpoints SET tags = ARRAY['t' || abs(hashtext(name)) % 10]`);
    const { windows } = makeMaintenance(dataSource, clock);
    await windows.create({ title: 'All', all_endpoints: true, starts_at: at(1), ends_at: at(2) });
    for (let tag = 0; tag < 10; tag++) {
      await windows.create({ title: 'Some', tags: [`t${tag}`], starts_at: at(1), ends_at: at(1.5) });
    }
    await dataSource.query(
      `INSERT INTO maintenance_windows (id, title, all_endpoints, time_zone, enabled, starts_at, ends_at, over_at)
       SELECT gen_random_uuid(), 'Past', true, 'UTC', true, now() - n * interval '1 hour', e.ended, e.ended
       FROM generate_series(2, 5000) n, LATERAL (SELECT now() - (n - 1) * interval '1 hour' AS ended) e`,
    );
    await dataSource.query('VACUUM ANALYZE');
  }, 120_000);
  afterAll(() => database.drop());

  const timed = async (work: () => Promise<unknown>): Promise<number> => {
    const began = performance.now();
    await work();
    return performance.now() - began;
  };

  it('a beat costs next to nothing in between, and an edge moves all of them well within a statement’s time', async () => {
    const { states } = makeMaintenance(dataSource, clock);
    const beatAt = (hours: number) => {
      clock.hold(start + hours * HOUR);
      return timed(() => states.update());
    };
    const costs = {
      first: await beatAt(0.5),
      idle: await beatAt(0.6),
      into: await beatAt(1.1),
      compared: await beatAt(1.15),
      steady: await beatAt(1.2),
      some: await beatAt(1.6),
      out: await beatAt(2.1),
    };
    if (process.env['SHOW_COSTS']) console.log(costs);
    expect(costs.idle).toBeLessThan(25);
    expect(costs.steady).toBeLessThan(200);
    expect(Math.max(costs.into, costs.out)).toBeLessThan(15_000);
    const [row] = await dataSource.query<object[]>(
      `SELECT count(*)::int AS total FROM endpoint_state_intervals
       WHERE state = 'maintenance' AND started_at = $1 AND ended_at = $2`,
      [at(1), at(2)],
    );
    expect(row).toEqual({ total: ENDPOINTS });
  }, 60_000);

  it('windows that are over are not read', async () => {
    const [row] = await dataSource.query<{ 'QUERY PLAN': [{ Plan: object }] }[]>(
      `EXPLAIN (FORMAT JSON) SELECT * FROM maintenance_windows
       WHERE enabled AND (over_at IS NULL OR over_at >= now() - interval '1 minute')`,
    );
    expect(JSON.stringify(row)).toContain('idx_maintenance_windows_over_at');
  });

  it('what is covered is found in one pass over endpoints', async () => {
    const ids = await dataSource.query<{ id: string }[]>(
      `SELECT id FROM maintenance_windows WHERE title = 'All'`,
    );
    const windows = ids.map(({ id }) => id);
    const [row] = await dataSource.query<{ 'QUERY PLAN': [{ 'Execution Time': number }] }[]>(
      `EXPLAIN (ANALYZE, FORMAT JSON) ${COVERED_ENDPOINTS}`,
      [windows, [], []],
    );
    if (process.env['SHOW_COSTS']) console.log(row!['QUERY PLAN'][0]['Execution Time']);
    expect(row!['QUERY PLAN'][0]['Execution Time']).toBeLessThan(1_000);
  });
});
