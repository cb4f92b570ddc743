import { RetentionService } from '../../../src/modules/retention/retention.service.js';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.js';
import { DAY, retentionOf } from './retention-parts.js';
import { insertEndpoints, intervalsOf, TestClock } from '../monitoring/monitoring-parts.js';

describe('clean-up', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase();
  });
  afterAll(() => database.drop());

  const partitions = async (): Promise<string[]> => {
    const rows = await database.dataSource.query<{ name: string }[]>(
      `SELECT inhrelid::regclass::text AS name FROM pg_inherits
       WHERE inhparent = 'checks'::regclass ORDER BY name`,
    );
    return rows.map((row) => row.name);
  };
  const count = async (table: string): Promise<number> => {
    const [row] = await database.dataSource.query<{ count: number }[]>(
      `SELECT count(*)::int AS count FROM ${table}`,
    );
    return row!.count;
  };

  it('removes what is expired, keeps the rest, and may run twice', async () => {
    const { dataSource } = database;
    const clock = new TestClock();
    const now = clock.hold();
    const [id] = await insertEndpoints(dataSource, [{}]);
    await dataSource.query(
      `INSERT INTO endpoint_state_intervals VALUES ($1, now() - interval '500 days', 'operational', now() - interval '401 days'),
         ($1, now() - interval '401 days', 'operational', now() - interval '300 days')`,
      [id],
    );
    await dataSource.query(
      `INSERT INTO error_last_occurrences (error_id, received_at, id, level, message)
       SELECT gen_random_uuid(), now() - n * interval '1 day', gen_random_uuid(), 'error', 'last'
       FROM unnest('{29,31,32}'::int[]) n`,
    );
    await dataSource.query(
      `INSERT INTO users (id, email, name, role, password_hash) VALUES ($1, 'a@example.org', 'A', 'owner', 'x')`,
      [id],
    );
    await dataSource.query(
      `INSERT INTO sessions (id, token_hash, user_id, expires_at) VALUES
         (gen_random_uuid(), 'a', $1, now() - interval '1 minute'), (gen_random_uuid(), 'b', $1, now() + interval '1 day')`,
      [id],
    );
    await dataSource.query(
      `INSERT INTO system_metrics SELECT now() - n * interval '10 days', 'host', 1, 1, 1, 1, 1, 1, 1, 1, 1 FROM generate_series(0, 5) n`,
    );
    await dataSource.query(
      `INSERT INTO check_hours SELECT $1, now() - n * interval '1 day', 'default', 1, 0, 0, 1, 1, 1, '{1}', '{1}'
       FROM generate_series(89, 92) n`,
      [id],
    );
    await dataSource.query(
      `INSERT INTO source_maps (id, source, release, path, content, size, stored_size, used_at)
       SELECT gen_random_uuid(), 'web', '1', '~/' || n, '', 0, 0, now() - n * interval '1 day' FROM generate_series(89, 91, 2) n`,
    );
    const retention = new RetentionService(dataSource, clock, retentionOf(dataSource));

    expect(await retention.cleanUp()).toEqual({
      partitions: 0,
      rows: {
        system_metrics: 4,
        sessions: 1,
        endpoint_state_intervals: 1,
        error_last_occurrences: 2,
        error_hours: 0,
        source_maps: 1,
        check_hours: 2,
      },
    });
    expect(await count('error_last_occurrences')).toBe(1);
    expect(await count('sessions')).toBe(1);
    expect((await intervalsOf(dataSource, id!)).map((each) => each.state)).toEqual([
      'operational',
      'unknown',
    ]);

    const before = await partitions();
    clock.hold(now + 10 * DAY);
    const report = await retention.cleanUp();
    const after = await partitions();
    const oldest = (table: string) => after.find((name) => name.startsWith(`${table}_2`))!.slice(-8);
    const day = (at: number) => new Date(at).toISOString().slice(0, 10).replaceAll('-', '');
    expect(oldest('checks')).toBe(day(now + 7 * DAY));
    expect(after.at(-1)!.slice(-8)).toBe(day(now + 17 * DAY));
    expect(report.partitions).toBe(before.filter((name) => !after.includes(name)).length);

    const logged: unknown[] = [];
    Object.assign(retention, {
      logger: { log: (entry: unknown) => logged.push(entry), debug: () => undefined },
    });
    expect((await retention.cleanUp()).partitions).toBe(0);
    expect(logged).toEqual([]);
    clock.hold(now + 20 * DAY);
    await retention.cleanUp();
    expect(logged).toMatchObject([{ msg: 'Old data removed' }]);
  });
});
