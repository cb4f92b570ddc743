import { Injectable, Logger, type BeforeApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { DataSource } from 'typeorm';

const WRITE_EVERY_MS = 60_000;

/** When keys were last used: gathered in memory and written once a minute, not once a request. */
@Injectable()
export class KeyUsage implements OnModuleInit, BeforeApplicationShutdown {
  private readonly logger = new Logger(KeyUsage.name);
  private lastUsed = new Map<string, number>();
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly dataSource: DataSource) {}

  onModuleInit(): void {
    this.timer = setInterval(() => void this.write(), WRITE_EVERY_MS).unref();
  }

  used(keyId: string, at: number): void {
    this.lastUsed.set(keyId, at);
  }

  /** The pool is still open then: it closes with `onApplicationShutdown`. */
  async beforeApplicationShutdown(): Promise<void> {
    clearInterval(this.timer);
    await this.write();
  }

  async write(): Promise<void> {
    if (this.lastUsed.size === 0) return;
    const batch = this.lastUsed;
    this.lastUsed = new Map();
    try {
      await this.dataSource.query(
        `UPDATE api_keys SET last_used_at = greatest(last_used_at, used.at)
         FROM unnest($1::uuid[], $2::timestamptz[]) AS used (id, at) WHERE api_keys.id = used.id`,
        [[...batch.keys()], [...batch.values()].map((at) => new Date(at))],
      );
    } catch (error) {
      this.logger.warn(`The last use of ${batch.size} keys could not be noted: ${(error as Error).message}`);
    }
  }
}
