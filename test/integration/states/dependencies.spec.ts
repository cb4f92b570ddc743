import type { DataSource } from 'typeorm';
import { DependenciesReader } from '../../../src/modules/monitoring/states/dependencies.reader.js';
import { insertEndpoints, makeWorker, result } from '../monitoring/monitoring-parts.js';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.js';

describe('endpoints that depend on others', () => {
  let database: TestDatabase;
  let dataSource: DataSource;
  const now = Date.now();
  beforeAll(async () => {
    database = await createTestDatabase();
    dataSource = database.dataSource;
  });
  afterAll(() => database.drop());

  async function insertFamily(): Promise<{ root: string; parent: string; child: string }> {
    const [root, parent, child] = await insertEndpoints(
      dataSource,
      [1, 2, 3].map(() => ({ retries: 0, failure_threshold: 1 })),
    );
    const dependOn = 'UPDATE endpoints SET depends_on = $2 WHERE id = $1';
    await dataSource.query(dependOn, [child, [parent]]);
    await dataSource.query(dependOn, [parent, [root]]);
    return { root: root!, parent: parent!, child: child! };
  }

  it('an outage names the dead ones that it depends on, the nearest first', async () => {
    const { root, parent, child } = await insertFamily();
    const { writer, bus } = makeWorker(dataSource);
    for (const id of [root, parent, child]) await writer.write(result(id, now, 'major_outage'));
    await writer.onApplicationShutdown();
    expect(bus.changes.map(({ endpoint_id, caused_by }) => [endpoint_id, caused_by])).toEqual([
      [root, []],
      [parent, [root]],
      [child, [parent, root]],
    ]);
  });

  it('a recovery has no cause', async () => {
    const { parent, child } = await insertFamily();
    const { writer, bus } = makeWorker(dataSource);
    await writer.write(result(parent, now, 'major_outage'));
    await writer.write(result(child, now));
    await writer.onApplicationShutdown();
    expect(bus.changes.at(-1)).toMatchObject({ endpoint_id: child, caused_by: [] });
  });

  it('a child that fails first has no cause yet; who asks again later learns it', async () => {
    const { parent, child } = await insertFamily();
    const { writer, bus } = makeWorker(dataSource);
    const reader = new DependenciesReader(dataSource);
    await writer.write(result(child, now, 'major_outage'));
    await writer.onApplicationShutdown();
    expect(bus.changes).toMatchObject([{ endpoint_id: child, caused_by: [] }]);
    expect(await reader.deadAncestors([child])).toEqual(new Map());
    await writer.write(result(parent, now, 'major_outage'));
    expect(await reader.deadAncestors([child, parent])).toEqual(new Map([[child, [parent]]]));
  });

  it('a parent that is down in maintenance is to blame, a disabled one is not', async () => {
    const { parent, child } = await insertFamily();
    const { writer } = makeWorker(dataSource);
    const reader = new DependenciesReader(dataSource);
    await dataSource.query(
      `UPDATE endpoint_status SET maintenance = true, status = 'maintenance' WHERE endpoint_id = $1`,
      [parent],
    );
    await writer.write(result(parent, now, 'major_outage'));
    expect(await reader.deadAncestors([child])).toEqual(new Map([[child, [parent]]]));
    await dataSource.query('UPDATE endpoints SET enabled = false WHERE id = $1', [parent]);
    expect(await reader.deadAncestors([child])).toEqual(new Map());
  });

  it('circles end', async () => {
    const { root, child } = await insertFamily();
    await dataSource.query('UPDATE endpoints SET depends_on = $2 WHERE id = $1', [root, [child]]);
    const { writer } = makeWorker(dataSource);
    for (const id of [root, child]) await writer.write(result(id, now, 'major_outage'));
    expect(await new DependenciesReader(dataSource).deadAncestors([root, child])).toEqual(new Map());
  });
});
