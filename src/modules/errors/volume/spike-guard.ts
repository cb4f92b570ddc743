import { Inject, Injectable, Logger, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { Clock } from '../../../common/clock.js';
import { RateLimitExceeded } from '../../../common/rate-limit.js';
import { CONFIG, type Config } from '../../../config/config.js';
import { secondsLeft } from './minute-counts.js';
import { SpikeStore } from './spike-store.js';
import { isOver, SpikeWatch, type WatchedSource } from './spike-watch.js';

const SYNC_MS = 1_000;
const LOOK_UP_MS = 300_000;
/** From this share of the floor on, a source is worth telling the other processes of. */
const BUSY_SHARE = 20;

type Settings = Pick<Config, 'SPIKE_PROTECTION' | 'SPIKE_FLOOR' | 'SPIKE_FACTOR'>;

/**
 * Refuses reports of a source that brings far more than usual. A report costs a look into a map; once a second processes
 * tell each other, through the database, how many came to them.
 */
@Injectable()
export class SpikeGuard implements OnModuleInit, OnModuleDestroy {
  private readonly logger = new Logger(SpikeGuard.name);
  private readonly watch = new SpikeWatch();
  private timer: NodeJS.Timeout | undefined;
  private syncing = false;

  constructor(
    private readonly store: SpikeStore,
    private readonly clock: Clock,
    @Inject(CONFIG) private readonly config: Settings,
  ) {}

  onModuleInit(): void {
    if (this.config.SPIKE_PROTECTION) this.timer = setInterval(() => void this.sync(), SYNC_MS).unref();
  }

  onModuleDestroy(): void {
    clearInterval(this.timer);
  }

  /**
   * Counts a report before it is read any further.
   * @returns its source when that is beyond its limit, for {@link judge}
   * @throws RateLimitExceeded when it is, and nothing of it is let through any more this minute
   */
  count(source: string, now: number): WatchedSource | undefined {
    if (!this.config.SPIKE_PROTECTION) return undefined;
    const over = this.watch.count(source, now);
    if (over && !this.watch.mayLetThrough(over)) throw refusal(over, now);
    return over;
  }

  /** @throws RateLimitExceeded unless the source is within its limit, or the group is new */
  judge(over: WatchedSource | undefined, fingerprint: string, now: number): void {
    if (over && !this.watch.letsThrough(over, fingerprint)) throw refusal(over, now);
    if (this.config.SPIKE_PROTECTION) this.watch.remember(fingerprint);
  }

  /** Tells the other processes, learns from them and from what is usual, and writes spikes down. */
  async sync(): Promise<void> {
    if (this.syncing) return;
    this.syncing = true;
    try {
      const now = this.clock.now();
      const busy = this.watch.busy(this.config.SPIKE_FLOOR / BUSY_SHARE, now.getTime());
      await this.lookUp(busy, now);
      await this.share(busy, now);
      await this.noteOver(busy, now);
    } catch (error) {
      this.logger.debug(`Floods cannot be told from what is usual: ${(error as Error).message}`);
    } finally {
      this.syncing = false;
    }
  }

  private async lookUp(busy: readonly WatchedSource[], now: Date): Promise<void> {
    const unknown = busy.filter(({ lookedUpAt }) => now.getTime() - lookedUpAt > LOOK_UP_MS);
    if (unknown.length === 0) return;
    const names = unknown.map(({ source }) => source);
    const usual = await this.store.usualReports(names, now);
    for (const watched of unknown) {
      watched.usual = usual.get(watched.source) ?? 0;
      watched.limit = Math.max(this.config.SPIKE_FLOOR, Math.ceil(this.config.SPIKE_FACTOR * watched.usual));
      watched.lookedUpAt = now.getTime();
    }
  }

  private async share(busy: readonly WatchedSource[], now: Date): Promise<void> {
    if (busy.length === 0) return;
    // Also those that brought nothing new: others may have.
    const news = busy.map((watched) => {
      const { source, minute, reports, shared } = watched;
      watched.shared = reports;
      return { watched, minute, source, reports: reports - shared, own: reports };
    });
    const totals = await this.store.share(news, now);
    for (const { watched, minute, source, own } of news)
      if (watched.minute === minute) watched.elsewhere = Math.max(0, (totals.get(source) ?? own) - own);
  }

  private async noteOver(busy: readonly WatchedSource[], now: Date): Promise<void> {
    const over = busy.filter(isOver);
    if (over.length === 0) return;
    await this.store.noteOver(
      over.map(({ source, limit, usual, reports, elsewhere }) => ({
        source,
        limit: limit!,
        usual,
        reports: reports + elsewhere,
      })),
      now,
    );
  }
}

function refusal({ source, limit }: WatchedSource, now: number): RateLimitExceeded {
  return new RateLimitExceeded(
    `Errors of "${source}" come in a flood: more than ${limit} a minute are not taken.`,
    'spike',
    secondsLeft(now),
  );
}
