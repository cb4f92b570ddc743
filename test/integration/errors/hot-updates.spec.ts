import { waitFor } from '../../support/wait-for.js';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.js';
import { ErrorsProcess, SetClock } from './errors-process.js';

interface TableStatistics {
  updates: number;
  hot: number;
}

describe('counting a duplicate', () => {
  let database: TestDatabase;
  let errors: ErrorsProcess;
  // Within one minute, so that `last_seen_minute` does not turn.
  const clock = new SetClock(new Date('2026-11-23T10:00:01Z'));

  beforeAll(async () => {
    database = await createTestDatabase();
    errors = await ErrorsProcess.start(database.url, clock);
  });
  afterAll(() => database.drop());

  const statistics = async (): Promise<TableStatistics> => {
    const [row] = await database.dataSource.query<TableStatistics[]>(
      `SELECT n_tup_upd::int AS updates, n_tup_hot_upd::int AS hot FROM pg_stat_user_tables WHERE relname = 'errors'`,
    );
    return row!;
  };

  it('touches no index: PostgreSQL updates the row in place', async () => {
    const rounds = 60;
    const body = (index: number) => ({
      message: `Hot ${index % 10}`,
      source: `hot-${index % 10}`,
      stack_trace: `Error\n    at f${index % 10} (/srv/f.js:${index}:1)`,
      level: 'warning',
      environment: 'production',
      context: { index, user: { id: index } },
    });
    for (let round = 0; round < rounds; round++) {
      clock.time = new Date(clock.time.getTime() + 500);
      await errors.reportAll(Array.from({ length: 10 }, (_, index) => body(index)));
    }
    // A connection that ends hands its statistics over at once.
    await errors.stop();
    const { updates, hot } = await waitFor('the statistics to arrive', async () => {
      const seen = await statistics();
      return seen.updates >= 10 * (rounds - 1) && seen;
    });
    expect(updates).toBe(10 * (rounds - 1));
    // A page that is full sends a row elsewhere now and then; an indexed column that changed would do so every time.
    expect(hot / updates).toBeGreaterThan(0.6);
  });
});
