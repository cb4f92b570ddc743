import { chmod, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { EmbeddedPostgres } from '../../dist/database/embedded-postgres.js';
import { migrateDatabase } from '../../dist/database/migrate.js';
import { migrateQueueSchema } from '../../dist/queues/queue-backend.js';

const TEMPLATE = 'watchkeep_template';

/**
 * One PostgreSQL server a run, thrown away at its end; each test file clones the migrated template.
 * Jest loads this file without its transforms, hence the built code.
 */
export default async function globalSetup() {
  const folder = await mkdtemp(join(tmpdir(), 'watchkeep-test-'));
  // The server of a run as root has a user of its own, who must be able to enter.
  await chmod(folder, 0o755);
  const server = await EmbeddedPostgres.start({
    dataDir: folder,
    log: () => undefined,
    settings: ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off', 'max_connections=300'],
  });
  const client = new pg.Client({ connectionString: server.url('postgres') });
  await client.connect();
  await client.query(`CREATE DATABASE ${TEMPLATE}`);
  await migrateDatabase(server.url(TEMPLATE));
  await migrateQueueSchema(server.url(TEMPLATE));
  await client.end();
  process.env.TEST_SERVER_URL = server.url('postgres');
  globalThis.embeddedServer = { server, folder };
}
