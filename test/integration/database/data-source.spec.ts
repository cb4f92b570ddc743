import { DataSource } from 'typeorm';
import { createDataSource, dataSourceOptions } from '../../../src/database/data-source.js';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.js';

describe('the connection pool', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase();
  });
  afterAll(() => database.drop());

  it('lets the server give up first', async () => {
    expect(await database.dataSource.query('SHOW statement_timeout')).toEqual([{ statement_timeout: '25s' }]);
  });

  it('closes a connection whose statement it gave up on, so that nobody queues behind it', async () => {
    const { extra, ...options } = dataSourceOptions(database.url, 1) as { extra: object };
    const impatient = await new DataSource({
      ...options,
      extra: { ...extra, query_timeout: 200 },
    } as ReturnType<typeof dataSourceOptions>).initialize();
    await expect(impatient.query('SELECT pg_sleep(20)')).rejects.toThrow('Query read timeout');
    expect(await impatient.query('SELECT 1 AS one')).toEqual([{ one: 1 }]);
    await expect(impatient.transaction((manager) => manager.query('SELECT pg_sleep(20)'))).rejects.toThrow(
      'Query read timeout',
    );
    expect(await impatient.query('SELECT 2 AS two')).toEqual([{ two: 2 }]);
    await impatient.destroy();
  });

  it('gives commands all the time they need', async () => {
    const dataSource = await createDataSource(database.url).initialize();
    expect(await dataSource.query('SHOW statement_timeout')).toEqual([{ statement_timeout: '0' }]);
    await dataSource.destroy();
  });
});
