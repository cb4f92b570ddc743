import { createTestDatabase, type TestDatabase } from '../../support/test-database.js';

/**
 * TypeORM makes a table of its own for the expressions of generated columns, and compares entities with that.
 * Filled from PostgreSQL’s catalogue, it makes TypeORM compare them with the columns as they are.
 */
const TELL_GENERATED_COLUMNS = `
  INSERT INTO typeorm_metadata (type, database, schema, "table", name, value)
  SELECT 'GENERATED_COLUMN', table_catalog, table_schema, table_name, column_name, generation_expression
  FROM information_schema.columns
  WHERE is_generated = 'ALWAYS'`;

describe('entities and migrations', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase();
  });
  afterAll(() => database.drop());

  it('agree: TypeORM finds nothing to change in a migrated database', async () => {
    await database.dataSource.query(TELL_GENERATED_COLUMNS);
    const { upQueries } = await database.dataSource.driver.createSchemaBuilder().log();
    expect(upQueries.map(({ query }) => query)).toEqual([]);
  });

  it('would say so if they did not', async () => {
    await database.dataSource.query('ALTER TABLE errors ALTER COLUMN environment SET NOT NULL');
    const { upQueries } = await database.dataSource.driver.createSchemaBuilder().log();
    expect(upQueries.map(({ query }) => query)).toContainEqual(expect.stringContaining('"environment"'));
  });
});
