import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { type HealthCheckAttempt, HealthIndicatorService } from '@nestjs/terminus';
import { Redis } from 'ioredis';
import { CONFIG, type Config } from '../../../config/config.js';
import { probe, PROBE_TIMEOUT_MS } from './probe.js';

/** Asks Redis, where it is configured, over a connection of its own. */
@Injectable()
export class RedisIndicator implements OnApplicationShutdown {
  private readonly client: Redis | undefined;

  constructor(
    @Inject(CONFIG) config: Config,
    private readonly indicators: HealthIndicatorService,
  ) {
    if (!config.REDIS_URL) return;
    this.client = new Redis(config.REDIS_URL, {
      lazyConnect: true,
      maxRetriesPerRequest: 1,
      connectTimeout: PROBE_TIMEOUT_MS,
      commandTimeout: PROBE_TIMEOUT_MS,
      connectionName: 'watchkeep probe',
    });
    // The next probe reports a lost connection; without a listener ioredis writes to the console.
    this.client.on('error', () => undefined);
  }

  /** `undefined` when no Redis is configured. */
  check(): HealthCheckAttempt<'redis'> | undefined {
    const client = this.client;
    return client && probe(this.indicators, 'redis', () => client.ping());
  }

  onApplicationShutdown(): void {
    this.client?.disconnect();
  }
}
