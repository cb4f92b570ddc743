import { dropPartitionsBefore, ensurePartitions, withPartitions } from '../../../src/database/partitions.js';
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

  it('are made when a row has none, and the row is written again', async () => {
    const now = new Date('2032-01-10T12:00:00Z');
    let runs = 0;
    const write = async (): Promise<void> => {
      runs++;
      await database.dataSource.query(
        `INSERT INTO error_occurrences (id, error_id, received_at, level, message)
         VALUES (gen_random_uuid(), gen_random_uuid(), $1, 'error', 'x')`,
        [now],
      );
    };
    await withPartitions(database.dataSource, now, write);
    expect(runs).toBe(2);
    await withPartitions(database.dataSource, now, write);
    expect(runs).toBe(3);
  });

  it('are not waited for long: a reader who holds the table up is left alone', async () => {
    const reader = database.dataSource.createQueryRunner();
    await reader.startTransaction();
    await reader.query('SELECT 1 FROM checks LIMIT 1');
    await expect(
      ensurePartitions(database.dataSource, new Date('2033-01-10T12:00:00Z')),
    ).rejects.toMatchObject({ driverError: { code: '55P03' } });
    await reader.rollbackTransaction();
    await reader.release();
  });

  it('cost nothing when all are there: no lock is asked for', async () => {
    const now = new Date('2034-01-10T12:00:00Z');
    await ensurePartitions(database.dataSource, now);
    const reader = database.dataSource.createQueryRunner();
    await reader.startTransaction();
    await reader.query('SELECT 1 FROM checks LIMIT 1');
    await ensurePartitions(database.dataSource, now);
    await reader.rollbackTransaction();
    await reader.release();
  });
});
