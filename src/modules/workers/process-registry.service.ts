import { hostname } from 'node:os';
import {
  type BeforeApplicationShutdown,
  Inject,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { DataSource } from 'typeorm';
import { v7 } from 'uuid';
import { Clock } from '../../common/clock.js';
import { VERSION } from '../../common/version.js';
import { within } from '../../common/within.js';
import { WorkFigures } from '../../common/work-figures.js';
import { CONFIG, type Config } from '../../config/config.js';
import type { ProcessKind } from '../../database/entities/worker-process.entity.js';
import { JobQueue } from '../../queues/job-queue.js';

/** Injection token: what kind of process this is. */
export const PROCESS_KIND = Symbol('PROCESS_KIND');

const BEAT_MS = 10_000;
/** How long a stopping process waits for a database that does not answer; its row leaves the list by itself. */
const FAREWELL_MS = 2_000;

const BEAT = `
  INSERT INTO workers (id, kind, host, pid, region, queues, version, started_at, seen_at, checks_last_minute,
    lateness_p50_ms, lateness_p99_ms, missed_slots_last_hour, network_lost_since)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, now(), $9, $10, $11, $12, $13)
  ON CONFLICT (id) DO UPDATE SET seen_at = excluded.seen_at, checks_last_minute = excluded.checks_last_minute,
    lateness_p50_ms = excluded.lateness_p50_ms, lateness_p99_ms = excluded.lateness_p99_ms,
    missed_slots_last_hour = excluded.missed_slots_last_hour, network_lost_since = excluded.network_lost_since`;

const MISSED = `
  INSERT INTO missed_slots (hour, count) VALUES (date_bin('1 hour', now(), '2000-01-01 00:00:00+00'), $1)
  ON CONFLICT (hour) DO UPDATE SET count = missed_slots.count + excluded.count`;

/** Rows of processes that were killed, and hours that nobody asks about any more. */
const FORGET = `
  WITH hours AS (DELETE FROM missed_slots WHERE hour < now() - interval '32 days')
  DELETE FROM workers WHERE seen_at < now() - interval '10 minutes'`;

/** Keeps the row of this process, as long as it runs. Nothing depends on a single sign of life, so none can fail anything. */
@Injectable()
export class ProcessRegistry implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger(ProcessRegistry.name);
  private readonly id = v7();
  private readonly startedAt: Date;
  private timer: NodeJS.Timeout | undefined;
  private running = Promise.resolve();
  private stopping = false;

  constructor(
    private readonly dataSource: DataSource,
    private readonly figures: WorkFigures,
    private readonly jobs: JobQueue,
    private readonly clock: Clock,
    @Inject(CONFIG) private readonly config: Pick<Config, 'WORKER_REGION' | 'WORKER_QUEUES'>,
    @Inject(PROCESS_KIND) private readonly kind: ProcessKind,
  ) {
    this.startedAt = clock.now();
  }

  async onApplicationBootstrap(): Promise<void> {
    this.timer = setInterval(() => void this.beat(), BEAT_MS).unref();
    this.figures.onNetworkChange(() => void this.beat().then(() => this.askForReview()));
    await this.beat();
  }

  /** No sign of life may bring the row back: neither one that is under way, nor one that the last checks give. */
  async beforeApplicationShutdown(): Promise<void> {
    clearInterval(this.timer);
    this.stopping = true;
    const gone = this.inTurn(() => this.dataSource.query('DELETE FROM workers WHERE id = $1', [this.id]));
    await within(FAREWELL_MS, gone, () => undefined);
  }

  /** Gives a sign of life, after the one before it. */
  beat(): Promise<void> {
    if (this.stopping) return this.running;
    return this.inTurn(async () => {
      await this.dataSource.query(BEAT, this.row());
      await this.tellMissed();
      await this.dataSource.query(FORGET);
    });
  }

  private row(): unknown[] {
    const report = this.figures.report(this.clock.now());
    const isWorker = this.kind === 'worker';
    return [
      this.id,
      this.kind,
      hostname(),
      process.pid,
      isWorker ? this.config.WORKER_REGION : null,
      isWorker ? this.config.WORKER_QUEUES : [],
      VERSION,
      this.startedAt,
      isWorker ? report.checks_last_minute : null,
      report.lateness_p50_ms,
      report.lateness_p99_ms,
      isWorker ? report.missed_slots_last_hour : null,
      report.network_lost_since,
    ];
  }

  private async tellMissed(): Promise<void> {
    const missed = this.figures.missedUntold;
    if (missed === 0) return;
    await this.dataSource.query(MISSED, [missed]);
    this.figures.missedUntold -= missed;
  }

  /** Without it, the scheduled review finds out within seconds. */
  private async askForReview(): Promise<void> {
    try {
      await this.jobs.add('review-own-network', {});
    } catch (error) {
      this.logger.debug(`No review of the network could be asked for: ${(error as Error).message}`);
    }
  }

  private inTurn(work: () => Promise<unknown>): Promise<void> {
    this.running = this.running.then(work).then(
      () => undefined,
      (error: Error) => this.logger.debug(`The registry of processes is out of reach: ${error.message}`),
    );
    return this.running;
  }
}
