import { Injectable, Logger } from '@nestjs/common';
import { DatabaseIndicator } from './indicators/database.indicator.js';
import { QueueIndicator } from './indicators/queue.indicator.js';
import { RedisIndicator } from './indicators/redis.indicator.js';

/** How something that this process cannot do without is doing. */
export interface Dependency {
  healthy: boolean;
  /** For a person. Says nothing about addresses or users: it is shown to everybody. */
  message: string;
  /** Milliseconds that the answer took, or that were waited for it. */
  response_time_ms: number;
}

export interface Dependencies {
  database: Dependency;
  /** Absent when no Redis is configured. */
  redis?: Dependency;
  queue: Dependency;
}

type Name = keyof Dependencies;

/** What a terminus indicator answers, as far as we use it. */
interface IndicatorAnswer {
  status: string;
  message?: string;
  responseTime?: number;
}

const LABELS: Record<Name, string> = { database: 'Database', redis: 'Redis', queue: 'Queue' };

/** Asks everything that this process depends on, side by side. Answers within a second whatever happens. */
@Injectable()
export class DependenciesReader {
  private readonly logger = new Logger('Health');
  private readonly unhealthy = new Set<Name>();

  constructor(
    private readonly database: DatabaseIndicator,
    private readonly redis: RedisIndicator,
    private readonly queue: QueueIndicator,
  ) {}

  async read(): Promise<Dependencies> {
    const [database, redis, queue] = await Promise.all([
      this.readDatabase(),
      this.readRedis(),
      this.readQueue(),
    ]);
    return { database, ...(redis && { redis }), queue };
  }

  async readDatabase(): Promise<Dependency> {
    return this.describe('database', (await this.database.check()).database);
  }

  /** `undefined` when no Redis is configured. */
  async readRedis(): Promise<Dependency | undefined> {
    const answer = await this.redis.check();
    return answer && this.describe('redis', answer.redis);
  }

  private async readQueue(): Promise<Dependency> {
    return this.describe('queue', (await this.queue.check()).queue);
  }

  private describe(name: Name, answer: IndicatorAnswer): Dependency {
    const healthy = answer.status === 'up';
    this.announce(name, healthy, answer.message);
    return {
      healthy,
      message: healthy ? `${LABELS[name]} connected` : `${LABELS[name]} connection failed`,
      response_time_ms: answer.responseTime ?? 0,
    };
  }

  /** Logs changes only: probes come every few seconds. */
  private announce(name: Name, healthy: boolean, reason?: string): void {
    if (healthy === !this.unhealthy.has(name)) return;
    if (healthy) {
      this.unhealthy.delete(name);
      this.logger.log(`${LABELS[name]} answers again.`);
    } else {
      this.unhealthy.add(name);
      this.logger.warn(`${LABELS[name]} does not answer: ${reason || 'no reason given'}`);
    }
  }
}
