import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { type HealthCheckAttempt, HealthIndicatorService } from '@nestjs/terminus';
import { Pool } from 'pg';
import { CONFIG, type Config } from '../../../config/config.js';
import { CONNECTION_DEFAULTS } from '../../../database/data-source.js';
import { requireDatabaseUrl } from '../../../database/database.module.js';
import { probe, PROBE_TIMEOUT_MS } from './probe.js';

/** A little less than a probe may take, so that a stuck connection is given up before the next probe wants it. */
const DRIVER_TIMEOUT_MS = PROBE_TIMEOUT_MS - 100;

/**
 * Asks PostgreSQL over a connection of its own. In the pool of the process the probe would wait behind everybody
 * else, and a busy process would look like a database that is gone.
 */
@Injectable()
export class DatabaseIndicator implements OnApplicationShutdown {
  private readonly pool: Pool;

  constructor(
    @Inject(CONFIG) config: Config,
    private readonly indicators: HealthIndicatorService,
  ) {
    this.pool = new Pool({
      ...CONNECTION_DEFAULTS,
      connectionString: requireDatabaseUrl(config),
      max: 1,
      connectionTimeoutMillis: DRIVER_TIMEOUT_MS,
      query_timeout: DRIVER_TIMEOUT_MS,
      idleTimeoutMillis: 0,
      application_name: 'watchkeep probe',
    });
    // The next probe reports a lost connection; without a listener it would end the process.
    this.pool.on('error', () => undefined);
  }

  check(): HealthCheckAttempt<'database'> {
    return probe(this.indicators, 'database', () => this.pool.query('SELECT 1'));
  }

  async onApplicationShutdown(): Promise<void> {
    await this.pool.end();
  }
}
