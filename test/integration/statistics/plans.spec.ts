import type { DataSource } from 'typeorm';
import { ROLL_UP_HOUR } from '../../../src/modules/monitoring/statistics/check-rollups.js';
import { ROLL_UP_DAYS } from '../../../src/modules/monitoring/statistics/endpoint-days.js';
import { TIMES } from '../../../src/modules/monitoring/statistics/endpoint-uptime.reader.js';
import {
  fleetQuestion,
  fleetUptime,
} from '../../../src/modules/monitoring/statistics/fleet-uptime.reader.js';
import { BY_CHECK, BY_DAY } from '../../../src/modules/monitoring/statistics/response-times.reader.js';
import { DAY_MS, dayName, startOfDay } from '../../../src/modules/monitoring/statistics/state-time.js';
import { BARS } from '../../../src/modules/monitoring/statistics/uptime-bars.reader.js';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.js';
import { insertEndpoints } from '../monitoring/monitoring-parts.js';

const ENDPOINTS = 2_000;
const DAYS = 200;
const HOUR_MS = 3_600_000;

interface PlanNode {
  'Node Type': string;
  'Relation Name'?: string;
  'Index Name'?: string;
  'Actual Rows': number;
  'Actual Loops': number;
  'Rows Removed by Filter'?: number;
  'Rows Removed by Index Recheck'?: number;
  Plans?: PlanNode[];
}

/** What statistics read: as much as they show, however much there is. */
describe('query plans of statistics', () => {
  let database: TestDatabase;
  let dataSource: DataSource;
  let ids: string[];
  const now = Date.now();
  const today = startOfDay(now);
  const ago = (days: number) => today - days * DAY_MS;

  beforeAll(async () => {
    database = await createTestDatabase();
    dataSource = database.dataSource;
    ids = await insertEndpoints(
      dataSource,
      Array.from({ length: ENDPOINTS }, () => ({ next_check_at: null })),
    );
    const run = (sql: string, parameters: unknown[] = []) => dataSource.query(sql, parameters);
    await run(
      `INSERT INTO endpoint_days SELECT id, (now() AT TIME ZONE 'UTC')::date - n, ($1::int - n) * 86400000::bigint, 0, 0, 0, 0, 0
       FROM generate_series($1::int, 1, -1) n, endpoints`,
      [DAYS],
    );
    await run(
      `INSERT INTO check_days SELECT id, to_timestamp($1 / 1000.0) - n * interval '1 day', 'default', 1, 0, 0, 1, 1, 1, '{1}', '{1}'
       FROM generate_series($2::int, 1, -1) n, (SELECT id FROM endpoints LIMIT 200) e`,
      [today, DAYS],
    );
    // Twenty changes each over the last year; none in the last day.
    await run(
      `INSERT INTO endpoint_state_intervals (endpoint_id, started_at, state, ended_at)
       SELECT id, now() - (n + 1) * interval '18 days', 'operational',
         CASE WHEN n = 0 THEN now() - interval '1 day' ELSE now() - n * interval '18 days' END
       FROM endpoints, generate_series(0, 19) n`,
    );
    // Yesterday and today, in the order of time, as it comes in.
    await run(
      `INSERT INTO checks (endpoint_id, scheduled_at, region, checked_at, ok, status, response_time_ms)
       SELECT id, at, 'default', at, true, 'operational', 10
       FROM generate_series(to_timestamp($1 / 1000.0), to_timestamp($1 / 1000.0) + interval '47 hours 59 minutes', interval '20 minutes') at,
         endpoints`,
      [ago(1)],
    );
    await run('VACUUM ANALYZE');
  });
  afterAll(() => database.drop());

  async function nodesOf(sql: string, parameters: unknown[]): Promise<PlanNode[]> {
    const runner = dataSource.createQueryRunner();
    await runner.startTransaction();
    const [row] = (await runner.query(`EXPLAIN (ANALYZE, FORMAT JSON) ${sql}`, parameters)) as {
      'QUERY PLAN': [{ Plan: PlanNode }];
    }[];
    await runner.rollbackTransaction();
    await runner.release();
    const flatten = (node: PlanNode): PlanNode[] => [node, ...(node.Plans ?? []).flatMap(flatten)];
    return flatten(row!['QUERY PLAN'][0].Plan);
  }

  const rowsRead = (nodes: PlanNode[], table: RegExp) =>
    nodes
      .filter((node) => table.test(node['Relation Name'] ?? '') && node['Node Type'].includes('Scan'))
      .reduce((sum, node) => {
        const removed = (node['Rows Removed by Filter'] ?? 0) + (node['Rows Removed by Index Recheck'] ?? 0);
        return sum + (node['Actual Rows'] + removed) * node['Actual Loops'];
      }, 0);

  it('90 bars of 50 endpoints read 90 days and the last interval of each', async () => {
    await dataSource.query(`UPDATE rollup_progress SET done_to = $1`, [new Date(today)]);
    const nodes = await nodesOf(BARS, [null, null, 50, 500, dayName(ago(90))]);
    expect(rowsRead(nodes, /^endpoint_days$/)).toBe(50 * 90);
    expect(rowsRead(nodes, /^endpoint_state_intervals$/)).toBeLessThanOrEqual(50 * 3);
  });

  it('the uptime of one endpoint reads a row a window', async () => {
    const days = [1, 8, 31, 91, 366].map((each) => dayName(ago(each)));
    const nodes = await nodesOf(TIMES, [ids[7], days, dayName(ago(700)), new Date(ago(1))]);
    expect(rowsRead(nodes, /^endpoint_days$/)).toBeLessThanOrEqual(days.length);
    expect(rowsRead(nodes, /^endpoint_state_intervals$/)).toBeLessThanOrEqual(4);
  });

  it.each(['all', 'public'] as const)('the uptime of %s endpoints reads four days of them', async (fleet) => {
    const nodes = await nodesOf(
      fleetUptime(fleet),
      fleetQuestion(now, today, [today, ago(7), ago(30), ago(90)]),
    );
    expect(rowsRead(nodes, /^endpoint_days$/)).toBe(4 * ENDPOINTS);
    expect(rowsRead(nodes, /^endpoint_state_intervals$/)).toBeLessThanOrEqual(3 * ENDPOINTS);
  });

  it('90 days of response times are 90 rows', async () => {
    const [id] = await dataSource.query<[{ endpoint_id: string }]>(
      'SELECT endpoint_id FROM check_days LIMIT 1',
    );
    const nodes = await nodesOf(BY_DAY, [id.endpoint_id, new Date(ago(90)), new Date(today), null]);
    expect(rowsRead(nodes, /^check_days$/)).toBe(90);
  });

  it('what is not rolled up yet is read by the key of the checks', async () => {
    const from = today - 2 * HOUR_MS;
    const nodes = await nodesOf(BY_CHECK, [
      ids[7],
      new Date(from),
      new Date(today),
      null,
      HOUR_MS,
      2 * HOUR_MS,
    ]);
    expect(nodes.some((node) => /^checks_\d+_pkey$/.test(node['Index Name'] ?? ''))).toBe(true);
    expect(rowsRead(nodes, /^checks_/)).toBeLessThanOrEqual(3 * 4);
  });

  it('an hour is found inside its day without reading the day', async () => {
    const nodes = await nodesOf(ROLL_UP_HOUR, [new Date(today + HOUR_MS), new Date(today + 2 * HOUR_MS)]);
    expect(nodes.some((node) => /checked_at_idx/.test(node['Index Name'] ?? ''))).toBe(true);
    const read = rowsRead(
      nodes.filter((node) => node['Node Type'].startsWith('Bitmap Heap')),
      /^checks_/,
    );
    expect(read).toBeGreaterThanOrEqual(3 * ENDPOINTS);
    // Ranges of 64 pages hold several thousand of these small rows: at most one more at each end.
    expect(read).toBeLessThanOrEqual(7 * ENDPOINTS + 10_000);
  });

  it('a day of running totals reads the day before and the intervals that touch it', async () => {
    const day = dayName(ago(1));
    const nodes = await nodesOf(ROLL_UP_DAYS, [day, day]);
    const before = nodes.filter((node) => node['Node Type'].includes('Scan'));
    expect(rowsRead(before, /^endpoint_days$/)).toBe(ENDPOINTS);
    expect(rowsRead(before, /^endpoint_state_intervals$/)).toBeLessThanOrEqual(3 * ENDPOINTS);
  });
});
