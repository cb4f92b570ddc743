import type { DataSource } from 'typeorm';
import { CLAIM } from '../../../src/modules/monitoring/scheduling/due-slots.store.js';
import { LIST_ENDPOINTS } from '../../../src/modules/monitoring/endpoints/list-endpoints.sql.js';
import { LAST_OUTAGE, OUTAGES, SERVICES } from '../../../src/modules/monitoring/services/services.reader.js';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.js';
import { insertEndpoints, makeWorker, result } from './monitoring-parts.js';

const ENDPOINTS = 5_000;
const DAY = 86_400_000;

interface PlanNode {
  'Node Type': string;
  'Relation Name'?: string;
  'Index Name'?: string;
  'Actual Rows': number;
  'Actual Loops': number;
  'Rows Removed by Filter'?: number;
  Plans?: PlanNode[];
}

/** What the important queries cost with many endpoints and a year of changes behind them. */
describe('query plans with 5,000 endpoints', () => {
  let database: TestDatabase;
  let dataSource: DataSource;
  let ids: string[];
  const now = new Date();
  const ago = (days: number) => new Date(now.getTime() - days * DAY);

  beforeAll(async () => {
    database = await createTestDatabase();
    dataSource = database.dataSource;
    ids = await insertEndpoints(
      dataSource,
      Array.from({ length: ENDPOINTS }, (_, index) => ({
        next_check_at: new Date(now.getTime() + (index % 5 === 0 ? -500 : 1_000 + index)),
      })),
    );
    // Fifty changes each over the last year; none in the last day.
    await dataSource.query(
      `INSERT INTO endpoint_state_intervals (endpoint_id, started_at, state, ended_at)
       SELECT id, now() - (n + 1) * interval '7 days', CASE WHEN n % 2 = 0 THEN 'operational' ELSE 'major_outage' END,
         CASE WHEN n = 0 THEN now() - interval '1 day' ELSE now() - n * interval '7 days' END
       FROM endpoints, generate_series(0, 49) n`,
    );
    await dataSource.query('VACUUM ANALYZE');
  });
  afterAll(() => database.drop());

  /** Runs a statement without keeping its effect; answers its time and every node of its plan. */
  async function explain(sql: string, parameters: unknown[]): Promise<{ ms: number; nodes: PlanNode[] }> {
    const runner = dataSource.createQueryRunner();
    await runner.startTransaction();
    const [row] = (await runner.query(`EXPLAIN (ANALYZE, FORMAT JSON) ${sql}`, parameters)) as {
      'QUERY PLAN': [{ Plan: PlanNode; 'Execution Time': number }];
    }[];
    await runner.rollbackTransaction();
    await runner.release();
    const { Plan, 'Execution Time': ms } = row!['QUERY PLAN'][0];
    const flatten = (node: PlanNode): PlanNode[] => [node, ...(node.Plans ?? []).flatMap(flatten)];
    return { ms, nodes: flatten(Plan) };
  }

  const rowsRead = (nodes: PlanNode[], table: string) =>
    nodes
      .filter((node) => node['Relation Name'] === table && node['Node Type'].includes('Scan'))
      .reduce(
        (sum, node) =>
          sum + (node['Actual Rows'] + (node['Rows Removed by Filter'] ?? 0)) * node['Actual Loops'],
        0,
      );

  it('the claim reads what is due, by index', async () => {
    const { ms, nodes } = await explain(CLAIM, [now.getTime(), 1_000, 5_000]);
    expect(nodes.some((node) => node['Index Name'] === 'idx_endpoint_status_next_check_at')).toBe(true);
    expect(ms).toBeLessThan(250);
  });

  it('a page of the list reads its own intervals of the day, not those of the year', async () => {
    const { ms, nodes } = await explain(LIST_ENDPOINTS, [now, ago(1), 100, 2_000]);
    expect(rowsRead(nodes, 'endpoint_state_intervals')).toBeLessThanOrEqual(100 * 4);
    expect(ms).toBeLessThan(100);
  });

  it.each([
    ['services', SERVICES, [now, ago(1)]],
    ['outages', OUTAGES, [ago(30)]],
  ] as const)(
    'the %s reads the intervals of its window, not those of the year',
    async (name, sql, parameters) => {
      const { ms, nodes } = await explain(sql, [...parameters]);
      expect(ms).toBeLessThan(500);
      // Thirty days hold two outages each, the last one unfinished until a day ago.
      const changes = name === 'outages' ? 2 : 1;
      expect(rowsRead(nodes, 'endpoint_state_intervals')).toBeLessThanOrEqual(
        ENDPOINTS * (1 + changes) + 100,
      );
    },
  );

  it('the last outage is found at once when there was none, however many changes there were', async () => {
    const runner = dataSource.createQueryRunner();
    await runner.startTransaction();
    try {
      await runner.query(
        `UPDATE endpoint_state_intervals SET state = 'degraded' WHERE state = 'major_outage'`,
      );
      const [row] = (await runner.query(`EXPLAIN (ANALYZE, FORMAT JSON) ${LAST_OUTAGE}`)) as {
        'QUERY PLAN': [{ Plan: PlanNode }];
      }[];
      const scan = row!['QUERY PLAN'][0].Plan.Plans![0]!;
      expect(scan).toMatchObject({ 'Index Name': 'idx_endpoint_state_intervals_outages', 'Actual Rows': 0 });
      expect(scan['Rows Removed by Filter'] ?? 0).toBe(0);
    } finally {
      await runner.rollbackTransaction();
      await runner.release();
    }
  });

  it('a thousand results, and a thousand claims, take a small part of a beat', async () => {
    const { writer, slots } = makeWorker(dataSource);
    const timed = async (work: () => Promise<unknown>) => {
      const started = performance.now();
      await work();
      return performance.now() - started;
    };
    const store = () => Promise.all(ids.slice(0, 1_000).map((id) => writer.write(result(id, now.getTime()))));
    expect(await timed(store)).toBeLessThan(1_000);
    expect(await timed(() => slots.claim({ now, beat: 1_000, limit: 5_000 }))).toBeLessThan(500);
  });
});
