import { Injectable } from '@nestjs/common';
import type { Job, Queue } from 'bullmq';
import { DataSource } from 'typeorm';
import { Clock } from '../../../common/clock.js';
import { QUEUE_NAMES, type QueueName } from '../../../common/queue-names.js';
import { JobQueue } from '../../../queues/job-queue.js';
import { type LiveRegion, WorkersReader } from '../../workers/workers.reader.js';
import { within } from '../services/patience.js';

/** A due endpoint that nobody has dispatched for so long: the schedule is not kept. */
const LAG_LIMIT_MS = 60_000;
/** A queue that cannot be reached never answers. */
const PATIENCE_MS = 1_000;

/** Jobs that are looked at, to find the oldest. */
const TAIL = 10;

/** How the monitoring itself does. Durations in milliseconds. */
export interface InstallationHealth {
  healthy: boolean;
  /** How long the endpoint that is overdue most has been due without being dispatched. */
  schedule_lag_ms: number;
  /** How long the job that has waited longest has waited, in any queue; null when the queues do not answer. */
  queue_age_ms: number | null;
  queue_ages: Partial<Record<QueueName, number>>;
  missed_slots_24h: number;
  /** Live workers that make checks. */
  workers: number;
  regions: LiveRegion[];
  /** Whether a live worker has lost its network. */
  network_lost: boolean;
}

/** Over the index of what is due: on a normal day there is hardly anything. */
export const SCHEDULE_LAG = `
  SELECT (extract(epoch FROM $1::timestamptz - s.next_check_at) * 1000)::float8 AS lag
  FROM endpoint_status s JOIN endpoints e ON e.id = s.endpoint_id
  WHERE s.next_check_at < $1::timestamptz AND e.enabled AND e.kind <> 'push'
  ORDER BY s.next_check_at LIMIT 1`;

/**
 * Whether there is an endpoint that was checked in time, or none to check. In time: within two intervals and a minute,
 * counted from its last change for one that has not been checked yet.
 */
export const CHECKS_ARE_MADE = `
  SELECT EXISTS (
    SELECT FROM endpoints e JOIN endpoint_status s ON s.endpoint_id = e.id
    WHERE e.enabled AND e.kind <> 'push'
      AND greatest(s.last_checked_at, e.updated_at) > $1::timestamptz - (2 * e.interval_ms + 60000) * interval '1 millisecond'
  ) OR NOT EXISTS (SELECT FROM endpoints WHERE enabled AND kind <> 'push') AS made`;

/** Says whether this installation does what it is for. */
@Injectable()
export class InstallationHealthReader {
  constructor(
    private readonly dataSource: DataSource,
    private readonly workers: WorkersReader,
    private readonly jobs: JobQueue,
    private readonly clock: Clock,
  ) {}

  async read(): Promise<InstallationHealth> {
    const [lag, queue_ages, missed_slots_24h, regions, losses] = await Promise.all([
      this.scheduleLag(),
      this.queueAges(),
      this.workers.missedSlotsOfDay(),
      this.workers.liveRegions(),
      this.workers.networkLosses(),
    ]);
    const ages = Object.values(queue_ages);
    const network_lost = losses.length > 0;
    return {
      healthy: lag <= LAG_LIMIT_MS && !network_lost,
      schedule_lag_ms: Math.round(lag),
      queue_age_ms: ages.length === 0 ? null : Math.max(...ages),
      queue_ages,
      missed_slots_24h,
      workers: regions.reduce((sum, region) => sum + region.workers, 0),
      regions,
      network_lost,
    };
  }

  /** Whether checks are being made, if there are any to make. */
  async checksAreMade(): Promise<boolean> {
    const [row] = await this.dataSource.query<{ made: boolean }[]>(CHECKS_ARE_MADE, [this.clock.now()]);
    return row!.made;
  }

  private async scheduleLag(): Promise<number> {
    const [row] = await this.dataSource.query<{ lag: number }[]>(SCHEDULE_LAG, [this.clock.now()]);
    return row?.lag ?? 0;
  }

  private async queueAges(): Promise<Partial<Record<QueueName, number>>> {
    const ages = QUEUE_NAMES.map(async (name) => [name, await this.ageOf(this.jobs.queue(name))] as const);
    const read = Promise.all(ages).then((entries) => Object.fromEntries(entries));
    return within<Partial<Record<QueueName, number>>>(
      PATIENCE_MS,
      read.catch(() => ({})),
      () => ({}),
    );
  }

  /** The oldest stands at the end, in both backends; others may be taken while we look. */
  private async ageOf(queue: Queue): Promise<number> {
    const { waiting = 0 } = await queue.getJobCounts('waiting');
    if (waiting === 0) return 0;
    const last = await queue.getJobs(['waiting'], Math.max(0, waiting - TAIL), waiting - 1, false);
    return Math.max(0, ...last.map((job) => this.clock.now().getTime() - dueSince(job)));
  }
}

/** A scheduled job is made when the one before it runs: its wait begins when it is due. */
function dueSince({ timestamp, opts }: Job): number {
  return Math.max(timestamp, opts.prevMillis ?? 0);
}
