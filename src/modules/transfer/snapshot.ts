import type { DataSource, QueryRunner } from 'typeorm';

/** Rows in memory at a time. They may be large: a hundred of 100 kB are still nothing. */
const FETCHED = 200;

/**
 * Runs `work` on one connection that sees the database as it is now, whatever is written meanwhile. Ends the transaction
 * when `work` ends, fails, or is given up by whoever reads it.
 */
export async function* inSnapshot<T>(
  dataSource: DataSource,
  work: (runner: QueryRunner) => AsyncGenerator<T>,
): AsyncGenerator<T> {
  const runner = dataSource.createQueryRunner();
  try {
    await runner.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
    await runner.query(`SET LOCAL TimeZone = 'UTC'; SET LOCAL extra_float_digits = 1`);
    yield* work(runner);
  } finally {
    await runner.query('ROLLBACK').catch(() => undefined);
    await runner.release();
  }
}

/** The rows of a query, a few at a time, at the pace of the reader: the server keeps the place. */
export async function* rowsOf<Row>(
  runner: QueryRunner,
  select: string,
  values: readonly unknown[] = [],
): AsyncGenerator<Row[]> {
  await runner.query(`DECLARE exported NO SCROLL CURSOR FOR ${select}`, [...values]);
  for (;;) {
    const rows = await runner.manager.query<Row[]>(`FETCH ${FETCHED} FROM exported`);
    if (rows.length > 0) yield rows;
    if (rows.length < FETCHED) break;
  }
  await runner.query('CLOSE exported');
}
