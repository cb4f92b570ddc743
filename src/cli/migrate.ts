import type { Config } from '../config/config.js';
import { requireDatabaseUrl } from '../database/database.module.js';
import { migrateDatabase } from '../database/migrate.js';
import { migrateQueueSchema } from '../queues/queue-backend.js';

/** `watchkeep migrate` */
export async function migrate(config: Config): Promise<string> {
  const url = requireDatabaseUrl(config);
  const applied = await migrateDatabase(url);
  if (!config.REDIS_URL) await migrateQueueSchema(url);
  return applied.length > 0 ? `Applied ${applied.join(', ')}.` : 'The schema is up to date.';
}
