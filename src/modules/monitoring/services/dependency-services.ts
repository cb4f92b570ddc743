import { Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Clock } from '../../../common/clock.js';
import { JobQueue } from '../../../queues/job-queue.js';
import { type Dependencies, DependenciesReader, type Dependency } from '../../health/dependencies.reader.js';
import { showInstallation } from '../self-doubt/installation-gauges.js';
import {
  type InstallationHealth,
  InstallationHealthReader,
} from '../self-doubt/installation-health.reader.js';
import type { ServiceDto } from './dto/services.dto.js';
import { within } from '../../../common/within.js';
import { ProbeHistory } from './probe-history.js';

const PROBE_INTERVAL_MS = 15_000;
/** A queue that cannot be reached never answers; the rest of the page must. */
const PATIENCE_MS = 1_000;

const NAMES = {
  database: 'Database',
  redis: 'Cache Service',
  queue: 'Queue',
  monitoring: 'Monitoring',
} satisfies Record<keyof Dependencies | 'monitoring', string>;

type Name = keyof typeof NAMES;

/**
 * What Watchkeep cannot do without, and its own monitoring, as services. There is nobody above to watch them, so this
 * process does, every 15 seconds: their uptime is what it has seen itself, in at most 24 hours. Who reads the page is
 * shown the present, and leaves no trace in it: reloading during an outage must not make it longer.
 */
@Injectable()
export class DependencyServices implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly histories = new Map<Name, ProbeHistory>();
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly dependencies: DependenciesReader,
    private readonly dataSource: DataSource,
    private readonly jobs: JobQueue,
    private readonly installation: InstallationHealthReader,
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
    const [found, installation, database, queue] = await Promise.all([
      this.dependencies.read(),
      this.installation.read(),
      this.databaseDetails(),
      this.queueDetails(),
    ]);
    const details: Partial<Record<Name, Record<string, unknown>>> = { database, queue };
    return [
      ...entriesOf(found).map(([key, { healthy, response_time_ms }]) =>
        this.view(key, healthy, healthy ? response_time_ms : null, details[key] ?? {}),
      ),
      this.view('monitoring', installation.healthy, null, installationDetails(installation)),
    ];
  }

  private view(
    key: Name,
    healthy: boolean,
    response_time_ms: number | null,
    details: Record<string, unknown>,
  ): ServiceDto {
    return {
      name: NAMES[key],
      status: healthy ? 'healthy' : 'unhealthy',
      uptime_percent: this.historyOf(key).percent(this.clock.now()),
      response_time_ms,
      last_checked: this.clock.now(),
      details,
    };
  }

  private async probe(): Promise<void> {
    const found = await this.dependencies.read();
    const now = this.clock.now();
    for (const [key, { healthy }] of entriesOf(found)) this.historyOf(key).add(now, healthy);
    const installation = await this.installation.read().catch(() => undefined);
    if (installation) showInstallation(installation);
    this.historyOf('monitoring').add(now, installation?.healthy ?? false);
  }

  private historyOf(key: Name): ProbeHistory {
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

  private queueDetails(): Promise<Record<string, unknown>> {
    return within<Record<string, unknown>>(PATIENCE_MS, this.countJobs(), () => ({}));
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

function installationDetails(health: InstallationHealth): Record<string, unknown> {
  const { schedule_lag_ms, queue_age_ms, missed_slots_24h, workers, regions, network_lost } = health;
  return {
    schedule_lag_ms,
    queue_age_ms,
    missed_slots_24h,
    workers,
    regions: regions.map(({ region }) => region),
    network_lost,
  };
}

function entriesOf(found: Dependencies): [keyof Dependencies, Dependency][] {
  return Object.entries(found) as [keyof Dependencies, Dependency][];
}
