import type { DataSource } from 'typeorm';

/** Tables cut into one partition a day (UTC), so that old data is dropped, not deleted. */
export const PARTITIONED_TABLES = ['checks', 'error_occurrences'] as const;
export type PartitionedTable = (typeof PARTITIONED_TABLES)[number];

const DAY_MS = 86_400_000;
const DAYS_BEHIND = 1;
const DAYS_AHEAD = 7;
/** Any constant that no other advisory lock of ours uses. */
const PARTITION_LOCK = 7_230_001;

/** Makes the partitions from yesterday to a week ahead. Safe to run twice and from several processes. */
export async function ensurePartitions(dataSource: DataSource, now: Date): Promise<void> {
  const statements = PARTITIONED_TABLES.flatMap((table) =>
    daysAround(now).map((day) => createPartition(table, day)),
  );
  await dataSource.transaction(async (manager) => {
    await manager.query('SELECT pg_advisory_xact_lock($1)', [PARTITION_LOCK]);
    await manager.query(statements.join(';\n'));
  });
}

/** Drops the partitions that end before `cutoff`, and says how many. */
export async function dropPartitionsBefore(
  dataSource: DataSource,
  table: PartitionedTable,
  cutoff: Date,
): Promise<number> {
  const rows = await dataSource.query<{ name: string }[]>(
    `SELECT c.relname AS name FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
     WHERE i.inhparent = $1::regclass`,
    [table],
  );
  const newestKept = partitionName(table, new Date(cutoff.getTime()));
  const expired = rows.map((row) => row.name).filter((name) => name < newestKept);
  for (const name of expired) await dataSource.query(`DROP TABLE IF EXISTS "${name}"`);
  return expired.length;
}

function daysAround(now: Date): Date[] {
  const today = Math.floor(now.getTime() / DAY_MS) * DAY_MS;
  return Array.from(
    { length: DAYS_BEHIND + DAYS_AHEAD + 1 },
    (_, index) => new Date(today + (index - DAYS_BEHIND) * DAY_MS),
  );
}

function createPartition(table: PartitionedTable, day: Date): string {
  const next = new Date(day.getTime() + DAY_MS);
  return `CREATE TABLE IF NOT EXISTS "${partitionName(table, day)}" PARTITION OF ${table}
    FOR VALUES FROM ('${day.toISOString()}') TO ('${next.toISOString()}')`;
}

function partitionName(table: PartitionedTable, day: Date): string {
  return `${table}_${day.toISOString().slice(0, 10).replaceAll('-', '')}`;
}
