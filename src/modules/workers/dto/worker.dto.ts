import { ApiProperty } from '@nestjs/swagger';
import { PageInfo } from '../../../common/http/paging.dto.js';
import { PROCESS_KINDS, type ProcessKind } from '../../../database/entities/worker-process.entity.js';

/** A process of this installation. */
export class WorkerDto {
  /** Id of the process; another after each start. */
  id!: string;

  /** What it does: `api` answers requests, `worker` runs jobs. */
  @ApiProperty({ enum: PROCESS_KINDS })
  kind!: ProcessKind;

  /**
   * Name of its machine or container.
   * @example "watchkeep-worker-1"
   */
  host!: string;

  /** Its process id on that machine. */
  pid!: number;

  /** Where it stands, as `WORKER_REGION` says; null for an API process. */
  region!: string | null;

  /** Queues that it serves; none for an API process. */
  queues!: string[];

  /** The release that it runs. */
  version!: string;

  /** When it started. */
  started_at!: Date;

  /** When it last gave a sign of life; it does so every 10 seconds. */
  seen_at!: Date;

  /** Whether that was less than 45 seconds ago. A process that was killed stays in the list for 10 minutes. */
  live!: boolean;

  /** Scheduled checks that it made in the last minute; null for an API process. */
  checks_last_minute!: number | null;

  /** Milliseconds after its slot at which half of those had begun, at most a tenth too high; null when there were none. */
  lateness_p50_ms!: number | null;

  /** Milliseconds after its slot at which 99 of 100 of those had begun, at most a tenth too high; null when there were none. */
  lateness_p99_ms!: number | null;

  /** Checks that nobody had dispatched in time, as it noticed in the last hour; null for an API process. */
  missed_slots_last_hour!: number | null;

  /** Since when it has had no network; null while it has one. */
  network_lost_since!: Date | null;
}

/** A page of the processes. */
export class WorkerListDto extends PageInfo {
  /** The processes, the newest first. */
  workers!: WorkerDto[];
}
