import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Clock } from '../../../common/clock.js';
import { JobQueue } from '../../../queues/job-queue.js';
import { type LiveRegion, WorkersReader } from '../../workers/workers.reader.js';
import { queueAges } from './queue-ages.js';

/** An endpoint that is due, or a batch of checks that waits, for so long: the schedule is not kept. */
const LIMIT_MS = 60_000;
const CHECK_QUEUE = /^checks(-|$)/;

/** How the monitoring itself does. Durations in milliseconds. */
export interface InstallationHealth {
  healthy: boolean;
  /** How long the endpoint that is overdue most has been due without being dispatched. */
  schedule_lag_ms: number;
  /** How long the job that has waited longest has waited, in any queue; null when the queues do not answer. */
  queue_age_ms: number | null;
  /** The same for each queue. */
  queue_ages: ReadonlyMap<string, number>;
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

const WANTED_REGIONS = `
  SELECT DISTINCT unnest(regions) AS region FROM endpoints WHERE enabled AND regions <> '{}' ORDER BY region`;

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
    const network_lost = losses.length > 0;
    const waits = [...queue_ages].filter(([queue]) => CHECK_QUEUE.test(queue)).map(([, age]) => age);
    return {
      healthy: !network_lost && Math.max(lag, ...waits) <= LIMIT_MS,
      schedule_lag_ms: Math.round(lag),
      queue_age_ms: queue_ages.size === 0 ? null : Math.max(...queue_ages.values()),
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

  /** Also of regions in which nobody works: what waits there is what nobody would notice. */
  private async queueAges(): Promise<ReadonlyMap<string, number>> {
    const wanted = await this.dataSource.query<{ region: string }[]>(WANTED_REGIONS);
    return queueAges(
      this.jobs,
      wanted.map(({ region }) => region),
      this.clock.now(),
    );
  }
}
