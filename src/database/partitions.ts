import type { DataSource, EntityManager } from 'typeorm';

/** Tables cut into one partition a day (UTC), so that old data is dropped, not deleted. */
export const PARTITIONED_TABLES = ['checks', 'error_occurrences'] as const;
export type PartitionedTable = (typeof PARTITIONED_TABLES)[number];

const DAY_MS = 86_400_000;
const DAYS_BEHIND = 1;
const DAYS_AHEAD = 7;
/** Any constant that no other advisory lock of ours uses. */
const PARTITION_LOCK = 7_230_001;

/** Whoever waits for a lock on a parent holds up everybody who comes after: better to fail soon and try again later. */
const LOCK_TIMEOUT = "SET LOCAL lock_timeout = '2s'";

/** Runs `work`, and once more after making the partitions when one was missing. `work` must have changed nothing then. */
export async function withPartitions<T>(
  dataSource: DataSource,
  now: Date,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!isMissingPartition(error)) throw error;
    await ensurePartitions(dataSource, now);
    return work();
  }
}

/** Makes the partitions from yesterday to a week ahead. Safe to run twice and from several processes. */
export async function ensurePartitions(dataSource: DataSource, now: Date): Promise<void> {
  if ((await missingPartitions(dataSource, now)).length === 0) return;
  await dataSource.transaction(async (manager) => {
    await manager.query('SELECT pg_advisory_xact_lock($1)', [PARTITION_LOCK]);
    const missing = await missingPartitions(manager, now);
    await manager.query(
      [LOCK_TIMEOUT, ...missing.map(({ table, day }) => createPartition(table, day))].join(';\n'),
    );
  });
}

/** Drops the partitions that end before `cutoff`, and says how many. */
export async function dropPartitionsBefore(
  dataSource: DataSource,
  table: PartitionedTable,
  cutoff: Date,
): Promise<number> {
  const expired = await partitionsBefore(dataSource, table, cutoff);
  for (const name of expired) {
    await dataSource.transaction(async (manager) => {
      await manager.query(`${LOCK_TIMEOUT};\nDROP TABLE IF EXISTS "${name}"`);
    });
  }
  return expired.length;
}

/** The days (UTC, `2026-01-31`) that a table has partitions for. */
export async function partitionDays(
  database: Pick<DataSource, 'query'>,
  table: PartitionedTable,
): Promise<string[]> {
  const names = await partitionNames(database, table);
  return names.map((name) => name.slice(-8).replace(/(\d{4})(\d{2})(\d{2})/, '$1-$2-$3')).toSorted();
}

/** Makes the partitions of these days, `2026-01-31`, those that are missing. */
export async function ensurePartitionDays(
  dataSource: DataSource,
  table: PartitionedTable,
  days: readonly string[],
): Promise<void> {
  const existing = await partitionDays(dataSource, table);
  const missing = days.filter((day) => !existing.includes(day));
  if (missing.length === 0) return;
  await dataSource.transaction(async (manager) => {
    await manager.query('SELECT pg_advisory_xact_lock($1)', [PARTITION_LOCK]);
    await manager.query(
      [LOCK_TIMEOUT, ...missing.map((day) => createPartition(table, new Date(`${day}T00:00:00Z`)))].join(
        ';\n',
      ),
    );
  });
}

/** PostgreSQL reports a row without a partition as a violated check, but one that has no name. */
function isMissingPartition(thrown: unknown): boolean {
  const wrapped = thrown as { driverError?: unknown };
  const { code, constraint } = (wrapped?.driverError ?? thrown ?? {}) as {
    code?: string;
    constraint?: string;
  };
  return code === '23514' && !constraint;
}

async function missingPartitions(
  database: Pick<DataSource, 'query'>,
  now: Date,
): Promise<{ table: PartitionedTable; day: Date }[]> {
  const existing = new Set<string>();
  for (const table of PARTITIONED_TABLES)
    for (const name of await partitionNames(database, table)) existing.add(name);
  return PARTITIONED_TABLES.flatMap((table) => daysAround(now).map((day) => ({ table, day }))).filter(
    ({ table, day }) => !existing.has(partitionName(table, day)),
  );
}

/** The names of a table’s partitions that end before `cutoff`, the oldest first. */
export async function partitionsBefore(
  database: Pick<DataSource, 'query'>,
  table: PartitionedTable,
  cutoff: Date,
): Promise<string[]> {
  const newestKept = partitionName(table, cutoff);
  return (await partitionNames(database, table)).filter((name) => name < newestKept).sort();
}

/** Drops one partition, within the caller’s transaction. Fails soon rather than hold others up. */
export async function dropPartition(manager: Pick<EntityManager, 'query'>, name: string): Promise<void> {
  await manager.query(`${LOCK_TIMEOUT};\nDROP TABLE "${name}"`);
}

async function partitionNames(
  database: Pick<DataSource, 'query'>,
  table: PartitionedTable,
): Promise<string[]> {
  const rows = await database.query<{ name: string }[]>(
    `SELECT c.relname AS name FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
     WHERE i.inhparent = $1::regclass`,
    [table],
  );
  return rows.map((row) => row.name);
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
