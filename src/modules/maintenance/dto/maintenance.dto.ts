import { ApiProperty } from '@nestjs/swagger';
import { IsIn, IsOptional } from 'class-validator';
import { PageInfo, PagingQuery } from '../../../common/http/paging.dto.js';

export const MAINTENANCE_STATUSES = ['active', 'upcoming', 'past', 'disabled'] as const;
export type MaintenanceStatus = (typeof MAINTENANCE_STATUSES)[number];

/** Which windows are asked for. */
export class ListMaintenanceQuery extends PagingQuery {
  /** Only windows that are in effect (`active`), still come (`upcoming`), never come again (`past`) or are `disabled`. */
  @ApiProperty({ enum: MAINTENANCE_STATUSES, required: false })
  @IsOptional()
  @IsIn(MAINTENANCE_STATUSES)
  status?: MaintenanceStatus;
}

/** A stretch of time in which a window is in effect. Occurrences that overlap or touch are one. */
export class OccurrenceDto {
  /** When it begins. */
  starts_at!: Date;

  /** When it ends; null when there is no end in sight, because occurrences overlap on and on. */
  ends_at!: Date | null;
}

/** A maintenance window. */
export class MaintenanceDto {
  /** Id of the window. */
  id!: string;

  /**
   * What is going on.
   * @example "Database upgrade"
   */
  title!: string;

  /** More about it. */
  description!: string | null;

  /** Whether it covers every endpoint. */
  all_endpoints!: boolean;

  /** Ids of endpoints that it covers. */
  endpoint_ids!: string[];

  /** Groups whose endpoints it covers. */
  groups!: string[];

  /** Tags whose endpoints it covers. */
  tags!: string[];

  /** When it begins; with `cron`, nothing begins before. */
  starts_at!: Date | null;

  /** When it ends; with `cron`, nothing begins or lasts beyond. */
  ends_at!: Date | null;

  /**
   * When it begins, again and again: five fields, in `time_zone`; null for a window that holds once.
   * @example "30 2 * * SUN"
   */
  cron!: string | null;

  /**
   * How long each occurrence lasts, in elapsed time; null without `cron`.
   * @example "2h"
   */
  duration!: string | null;

  /** Time zone of `cron`. */
  time_zone!: string;

  /** When somebody last ended it ahead of time; null when nobody did. */
  ended_at!: Date | null;

  /** Whether it comes into effect. */
  enabled!: boolean;

  /** In effect now, still to come, over for good, or switched off. */
  @ApiProperty({ enum: MAINTENANCE_STATUSES })
  status!: MaintenanceStatus;

  /** The occurrence that is in effect; null when none is. */
  @ApiProperty({ type: () => OccurrenceDto, nullable: true })
  current!: OccurrenceDto | null;

  /** Up to five occurrences that come next, in order. */
  next_occurrences!: OccurrenceDto[];

  /** How many endpoints it covers now, disabled ones included. */
  endpoints!: number;

  /** Name of the configuration that it comes from; null for one made by hand. */
  managed_by!: string | null;

  /** When it was made. */
  created_at!: Date;

  /** When it was last changed. */
  updated_at!: Date;
}

/** A page of windows. */
export class MaintenanceListDto extends PageInfo {
  /** The windows. */
  windows!: MaintenanceDto[];
}
