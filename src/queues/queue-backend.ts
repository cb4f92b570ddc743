import { setTimeout as delay } from 'node:timers/promises';
import { Injectable, Logger, type OnApplicationShutdown, type OnModuleDestroy } from '@nestjs/common';
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
const REDIS_CONNECT_TIMEOUT_MS = 2_000;
const REDIS_RETRY_MS = 1_000;
const REDIS_GIVES_UP_MS = REDIS_CONNECT_TIMEOUT_MS + REDIS_RETRY_MS + 500;

/** Where the queues live: Redis when it is configured, else PostgreSQL through one pool that all queues share. */
@Injectable()
export class QueueBackend implements OnModuleDestroy, OnApplicationShutdown {
  readonly connection: ConnectionOptions;
  /** Set when the process stops while Redis is out of reach. */
  isLost = false;
  private readonly pool: pg.Pool | undefined;
  private lastLoss = -Infinity;
  private stopping = false;

  constructor(config: Config) {
    if (config.REDIS_URL) {
      setDefaultBackendFactory();
      this.connection = {
        url: config.REDIS_URL,
        maxRetriesPerRequest: null,
        connectTimeout: REDIS_CONNECT_TIMEOUT_MS,
        retryStrategy: () => this.connectAgain(),
      };
      return;
    }
    setDefaultBackendFactory(createPostgresBackend);
    this.pool = createQueuePool(requireDatabaseUrl(config));
    this.connection = this.pool;
  }

  /**
   * A closing queue waits for its connection for ever while Redis is out of reach. So connections that are lost are
   * left to give up before anything closes; BullMQ then finds them ended.
   */
  async onModuleDestroy(): Promise<void> {
    this.stopping = true;
    const given = this.lastLoss + REDIS_GIVES_UP_MS - Date.now();
    this.isLost = given > 0;
    if (this.isLost) await delay(given);
  }

  async onApplicationShutdown(): Promise<void> {
    await this.pool?.end();
  }

  /** Called whenever a connection to Redis ends or fails: milliseconds to the next attempt, or null for none. */
  private connectAgain(): number | null {
    this.lastLoss = Date.now();
    return this.stopping ? null : REDIS_RETRY_MS;
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

/** Each worker (one more for its region) and each listener for job events holds one connection for LISTEN; the rest share four. */
function createQueuePool(databaseUrl: string): pg.Pool {
  const pool = new pg.Pool({
    connectionString: databaseUrl,
    ...CONNECTION_DEFAULTS,
    query_timeout: undefined,
    max: QUEUE_NAMES.length + 6,
    options: `-c search_path=${QUEUE_SCHEMA}`,
    application_name: 'watchkeep queues',
  });
  // Every queue and every worker listens to the pool that they share.
  pool.setMaxListeners(4 * QUEUE_NAMES.length);
  pool.on('error', logSparingly(new Logger('QueueBackend'), 'A connection of the queues was lost'));
  return pool;
}
