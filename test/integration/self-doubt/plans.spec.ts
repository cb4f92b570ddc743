import type { DataSource } from 'typeorm';
import { LIST_INCIDENTS } from '../../../src/modules/incidents/incidents.reader.js';
import {
  CHECKS_ARE_MADE,
  SCHEDULE_LAG,
} from '../../../src/modules/monitoring/self-doubt/installation-health.reader.js';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.js';
import { insertEndpoints } from '../monitoring/monitoring-parts.js';

interface PlanNode {
  'Index Name'?: string;
  'Relation Name'?: string;
  'Actual Rows': number;
  'Actual Loops': number;
  'Rows Removed by Filter'?: number;
  Plans?: PlanNode[];
}

describe('what self-monitoring costs with 20,000 endpoints and 20,000 incidents', () => {
  let database: TestDatabase;
  let dataSource: DataSource;
  beforeAll(async () => {
    database = await createTestDatabase();
    dataSource = database.dataSource;
    const soon = Date.now() + 5_000;
    await insertEndpoints(
      dataSource,
      Array.from({ length: 20_000 }, (_, index) => ({ next_check_at: new Date(soon + index) })),
    );
    await dataSource.query(
      `INSERT INTO incidents (id, title, severity, status, source, started_at, resolved_at)
       SELECT gen_random_uuid(), 'x', 'minor', CASE WHEN n % 1000 = 0 THEN 'monitoring' ELSE 'resolved' END, 'manual',
         now() - n * interval '1 hour', CASE WHEN n % 1000 = 0 THEN NULL ELSE now() END
       FROM generate_series(1, 20000) n`,
    );
    await dataSource.query(
      `INSERT INTO incident_endpoints SELECT i.id, e.id FROM (SELECT id FROM incidents ORDER BY started_at DESC LIMIT 1) i, endpoints e`,
    );
    await dataSource.query(
      `UPDATE incidents SET affected_count = 20000 WHERE id IN (SELECT incident_id FROM incident_endpoints)`,
    );
    await dataSource.query('VACUUM ANALYZE');
  }, 60_000);
  afterAll(() => database.drop());

  async function explain(sql: string, parameters: unknown[]): Promise<{ ms: number; nodes: PlanNode[] }> {
    const [row] = await dataSource.query<{ 'QUERY PLAN': [{ Plan: PlanNode; 'Execution Time': number }] }[]>(
      `EXPLAIN (ANALYZE, FORMAT JSON) ${sql}`,
      parameters,
    );
    const { Plan, 'Execution Time': ms } = row!['QUERY PLAN'][0];
    const flatten = (node: PlanNode): PlanNode[] => [node, ...(node.Plans ?? []).flatMap(flatten)];
    return { ms, nodes: flatten(Plan) };
  }
  const read = (nodes: PlanNode[], table: string) =>
    nodes
      .filter((node) => node['Relation Name'] === table)
      .reduce(
        (sum, node) =>
          sum + (node['Actual Rows'] + (node['Rows Removed by Filter'] ?? 0)) * node['Actual Loops'],
        0,
      );

  it('the lag is found over the index of what is due', async () => {
    const { nodes } = await explain(SCHEDULE_LAG, [new Date()]);
    expect(nodes.map((node) => node['Index Name'])).toContain('idx_endpoint_status_next_check_at');
    expect(read(nodes, 'endpoint_status') + read(nodes, 'endpoints')).toBeLessThan(10);
    const late = await explain(SCHEDULE_LAG, [new Date(Date.now() + 86_400_000)]);
    expect(read(late.nodes, 'endpoint_status')).toBeLessThan(10);
  });

  it('whether checks are made takes one that was', async () => {
    const { ms } = await explain(CHECKS_ARE_MADE, [new Date()]);
    expect(ms).toBeLessThan(100);
  });

  it.each([
    ['all', 'true', 'idx_incidents_started_at'],
    ['the open ones', 'i.resolved_at IS NULL', 'idx_incidents_open'],
  ])('a page of %s is read in the order of its index', async (_, where, index) => {
    const { ms, nodes } = await explain(LIST_INCIDENTS(where), [20, 0]);
    expect(nodes.map((node) => node['Index Name'])).toContain(index);
    expect(read(nodes, 'incidents')).toBeLessThanOrEqual(25);
    expect(ms).toBeLessThan(100);
  });
});
