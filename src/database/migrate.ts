import { createDataSource } from './data-source.js';
import { ensurePartitions } from './partitions.js';

/** Held while the schema changes, so that processes that start together migrate once. */
const MIGRATION_LOCK = 7_230_003;

/**
 * Brings the schema up to date and makes the partitions of the coming days. Safe to run from several processes: the
 * lock belongs to a transaction that stays open beside the migrations, for a session’s lock gets lost in PgBouncer.
 */
export async function migrateDatabase(databaseUrl: string, now = new Date()): Promise<string[]> {
  const dataSource = await createDataSource(databaseUrl).initialize();
  const lock = dataSource.createQueryRunner();
  try {
    await lock.startTransaction();
    await lock.query('SET LOCAL idle_in_transaction_session_timeout = 0');
    await lock.query('SELECT pg_advisory_xact_lock($1)', [MIGRATION_LOCK]);
    const applied = await dataSource.runMigrations();
    await ensurePartitions(dataSource, now);
    return applied.map((migration) => migration.name);
  } finally {
    await lock.rollbackTransaction().catch(() => undefined);
    await lock.release();
    await dataSource.destroy();
  }
}
