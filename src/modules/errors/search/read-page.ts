import { type DataSource, QueryFailedError } from 'typeorm';

/** How long a search may follow the order of a list while it looks for the rows of a page. */
const WALK_MS = 1_000;
const CANCELED = '57014';

/**
 * Reads one page. A search follows the order first, which is quick where many rows match: a page is full soon. Where all
 * that match lie far behind, as with a release of long ago, that would look at nearly every row there is. So it has a
 * limit, and then the matching rows are found by their own index and sorted.
 * @param orders what the statement may be ordered by, the same order in different words
 */
export async function readPage<Row>(
  dataSource: DataSource,
  statement: (order: string) => string,
  values: unknown[],
  [order, otherwise]: readonly string[],
  walkMs = WALK_MS,
): Promise<Row[]> {
  try {
    return await readAlone(dataSource, statement(order!), values, otherwise === undefined ? 0 : walkMs);
  } catch (error) {
    if (otherwise === undefined || !isCanceled(error)) throw error;
    return readAlone(dataSource, statement(otherwise), values, 0);
  }
}

/**
 * In one process of PostgreSQL: several that walk side by side read thousands of rows ahead of a page of fifty, six times
 * what is needed, and take the cores from storing.
 */
function readAlone<Row>(
  dataSource: DataSource,
  statement: string,
  values: unknown[],
  limitMs: number,
): Promise<Row[]> {
  return dataSource.transaction(async (manager) => {
    await manager.query('SET LOCAL max_parallel_workers_per_gather = 0');
    if (limitMs > 0) await manager.query(`SET LOCAL statement_timeout = ${limitMs}`);
    return manager.query<Row[]>(statement, values);
  });
}

function isCanceled(error: unknown): boolean {
  return (
    error instanceof QueryFailedError && (error.driverError as unknown as { code?: string }).code === CANCELED
  );
}
