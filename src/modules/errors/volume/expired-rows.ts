import type { DataSource } from 'typeorm';

/** Rows that one statement deletes: some ten milliseconds. */
const BATCH = 5_000;

/**
 * Deletes rows whose time is before `cutoff`, the oldest first, a batch at a time, and answers how many. Each batch goes
 * on where the last one ended: to look again through what has just been deleted would cost more and more.
 */
export async function deleteOldest(
  dataSource: DataSource,
  table: string,
  column: string,
  cutoff: Date,
  isTimeUp: () => boolean,
): Promise<number> {
  const statement = `
    WITH old AS (
      SELECT ctid, ${column} AS at FROM ${table} WHERE ${column} >= $1 AND ${column} < $2
      ORDER BY ${column} LIMIT ${BATCH} FOR UPDATE SKIP LOCKED
    ), deleted AS (DELETE FROM ${table} WHERE ctid = ANY(ARRAY(SELECT ctid FROM old)))
    SELECT count(*)::int AS count, max(at)::text AS newest FROM old`;
  let from = '-infinity';
  let total = 0;
  for (;;) {
    const [row] = await dataSource.query<{ count: number; newest: string | null }[]>(statement, [
      from,
      cutoff,
    ]);
    total += row!.count;
    if (row!.count < BATCH || isTimeUp()) return total;
    from = row!.newest!;
  }
}
