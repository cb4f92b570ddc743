import pg from 'pg';
import { migrateDatabase } from '../../../src/database/migrate.js';
import { serverUrl } from '../../support/test-database.js';

describe('migrateDatabase', () => {
  const name = `migrate_${process.pid}`;
  const server = new pg.Client({ connectionString: serverUrl() });
  beforeAll(async () => {
    await server.connect();
    await server.query(`CREATE DATABASE ${name}`);
  });
  afterAll(async () => {
    await server.query(`DROP DATABASE ${name} WITH (FORCE)`);
    await server.end();
  });

  it('migrates once when several processes start together', async () => {
    const url = serverUrl().replace('/postgres?', `/${name}?`);
    const applied = await Promise.all([1, 2, 3].map(() => migrateDatabase(url)));
    expect(applied.map((names) => names.length > 0).filter(Boolean)).toHaveLength(1);
    expect(await migrateDatabase(url)).toEqual([]);
  });
});
