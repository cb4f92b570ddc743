import { Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Clock } from '../../../common/clock.js';
import { JobQueue } from '../../../queues/job-queue.js';
import { type Dependencies, DependenciesReader, type Dependency } from '../../health/dependencies.reader.js';
import type { ServiceDto } from './dto/services.dto.js';
import { within } from './patience.js';
import { ProbeHistory } from './probe-history.js';

const PROBE_INTERVAL_MS = 15_000;
/** A due endpoint that nobody has dispatched for so long: no worker is at work. */
const OVERDUE_MS = 60_000;
/** A queue that cannot be reached never answers; the rest of the page must. */
const PATIENCE_MS = 1_000;

const NAMES: Record<keyof Dependencies, string> = {
  database: 'Database',
  redis: 'Cache Service',
  queue: 'Queue',
};

/**
 * What Watchkeep cannot do without, as services. There is nobody above to watch them, so this process does, every 15
 * seconds: their uptime is what it has seen itself, in at most 24 hours. Who reads the page is shown the present, and
 * leaves no trace in it: reloading during an outage must not make it longer.
 */
@Injectable()
export class DependencyServices implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly histories = new Map<keyof Dependencies, ProbeHistory>();
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly dependencies: DependenciesReader,
    private readonly dataSource: DataSource,
    private readonly jobs: JobQueue,
    private readonly clock: Clock,
  ) {}

  onApplicationBootstrap(): void {
    const probe = (): void => void this.probe().catch(() => undefined);
    probe();
    this.timer = setInterval(probe, PROBE_INTERVAL_MS).unref();
  }

  onModuleDestroy(): void {
    clearInterval(this.timer);
  }

  async read(): Promise<ServiceDto[]> {
    const [found, database, queue] = await Promise.all([
      this.dependencies.read(),
      this.databaseDetails(),
      this.queueDetails(),
    ]);
    const details: Record<string, Record<string, unknown>> = { database, queue };
    return entriesOf(found).map(([key, dependency]) => ({
      name: NAMES[key],
      status: dependency.healthy && !isStuck(details[key]) ? 'healthy' : 'unhealthy',
      uptime_percent: this.historyOf(key).percent(this.clock.now()),
      response_time_ms: dependency.healthy ? dependency.response_time_ms : null,
      last_checked: this.clock.now(),
      details: details[key] ?? {},
    }));
  }

  private async probe(): Promise<void> {
    const found = await this.dependencies.read();
    const now = this.clock.now();
    for (const [key, { healthy }] of entriesOf(found)) this.historyOf(key).add(now, healthy);
  }

  private historyOf(key: keyof Dependencies): ProbeHistory {
    let history = this.histories.get(key);
    if (!history) this.histories.set(key, (history = new ProbeHistory()));
    return history;
  }

  private async databaseDetails(): Promise<Record<string, unknown>> {
    const [row] = await this.dataSource.query<Record<string, unknown>[]>(
      `SELECT (SELECT count(*)::int FROM pg_stat_activity WHERE datname = current_database()) AS connections,
         current_setting('max_connections')::int AS max_connections`,
    );
    return row!;
  }

  private async queueDetails(): Promise<Record<string, unknown>> {
    const [counts, [due]] = await Promise.all([
      within(PATIENCE_MS, this.countJobs(), () => ({})),
      this.dataSource.query<{ overdue_ms: number }[]>(
        `SELECT coalesce(greatest(0, extract(epoch FROM $1::timestamptz - min(next_check_at)) * 1000), 0)::float8 AS overdue_ms
         FROM endpoint_status`,
        [this.clock.now()],
      ),
    ]);
    return { ...counts, overdue_ms: Math.round(due!.overdue_ms) };
  }

  private async countJobs(): Promise<Record<string, number>> {
    const queue = this.jobs.queue('checks');
    const [workers, counts] = await Promise.all([
      queue.getWorkersCount(),
      queue.getJobCounts('waiting', 'active'),
    ]);
    return { workers, ...counts };
  }
}

function isStuck(details: Record<string, unknown> | undefined): boolean {
  return typeof details?.['overdue_ms'] === 'number' && details['overdue_ms'] > OVERDUE_MS;
}

function entriesOf(found: Dependencies): [keyof Dependencies, Dependency][] {
  return Object.entries(found) as [keyof Dependencies, Dependency][];
}
