import { dropPartitionsBefore, ensurePartitions } from '../../../src/database/partitions.js';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.js';

describe('day partitions', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase();
  });
  afterAll(() => database.drop());

  const partitions = async (): Promise<string[]> =>
    (
      await database.dataSource.query<{ name: string }[]>(
        `SELECT inhrelid::regclass::text AS name FROM pg_inherits WHERE inhparent = 'checks'::regclass ORDER BY 1`,
      )
    ).map((row) => row.name);

  it('are made from yesterday to a week ahead, also by two processes at once', async () => {
    const now = new Date('2031-03-30T12:00:00Z');
    await Promise.all([
      ensurePartitions(database.dataSource, now),
      ensurePartitions(database.dataSource, now),
    ]);
    expect((await partitions()).filter((name) => name > 'checks_2031')).toEqual(
      ['0329', '0330', '0331', '0401', '0402', '0403', '0404', '0405', '0406'].map(
        (day) => `checks_2031${day}`,
      ),
    );
  });

  it('are dropped once they lie wholly before the cut-off', async () => {
    await ensurePartitions(database.dataSource, new Date('2031-03-30T12:00:00Z'));
    await dropPartitionsBefore(database.dataSource, 'checks', new Date('2031-04-02T00:00:01Z'));
    expect((await partitions())[0]).toBe('checks_20310402');
  });
});
