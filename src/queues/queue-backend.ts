import { Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import {
  type ConnectionOptions,
  createPostgresBackend,
  runMigrations,
  setDefaultBackendFactory,
} from 'bullmq';
import pg from 'pg';
import { QUEUE_NAMES } from '../common/queue-names.js';
import type { Config } from '../config/config.js';
import { CONNECTION_DEFAULTS } from '../database/data-source.js';
import { requireDatabaseUrl } from '../database/database.module.js';
import { logSparingly } from './sparing-log.js';

const QUEUE_SCHEMA = 'bullmq';

/** Where the queues live: Redis when it is configured, else PostgreSQL through one pool that all queues share. */
@Injectable()
export class QueueBackend implements OnApplicationShutdown {
  readonly connection: ConnectionOptions;
  private readonly pool: pg.Pool | undefined;

  constructor(config: Config) {
    if (config.REDIS_URL) {
      setDefaultBackendFactory();
      this.connection = { url: config.REDIS_URL, maxRetriesPerRequest: null };
      return;
    }
    setDefaultBackendFactory(createPostgresBackend);
    this.pool = createQueuePool(requireDatabaseUrl(config));
    this.connection = this.pool;
  }

  async onApplicationShutdown(): Promise<void> {
    await this.pool?.end();
  }
}

/** Creates or upgrades the schema that the PostgreSQL backend keeps its jobs in. Safe to run from several processes. */
export async function migrateQueueSchema(databaseUrl: string): Promise<void> {
  const pool = new pg.Pool({
    connectionString: databaseUrl,
    ...CONNECTION_DEFAULTS,
    max: 1,
    query_timeout: undefined,
  });
  try {
    const client = await pool.connect();
    try {
      await runMigrations(client, QUEUE_SCHEMA);
    } finally {
      client.release();
    }
  } finally {
    await pool.end();
  }
}

/** Each worker and each listener for job events holds one connection for LISTEN; the rest share four. */
function createQueuePool(databaseUrl: string): pg.Pool {
  const pool = new pg.Pool({
    connectionString: databaseUrl,
    ...CONNECTION_DEFAULTS,
    query_timeout: undefined,
    max: QUEUE_NAMES.length + 5,
    options: `-c search_path=${QUEUE_SCHEMA}`,
    application_name: 'watchkeep queues',
  });
  // Every queue and every worker listens to the pool that they share.
  pool.setMaxListeners(4 * QUEUE_NAMES.length);
  pool.on('error', logSparingly(new Logger('QueueBackend'), 'A connection of the queues was lost'));
  return pool;
}
