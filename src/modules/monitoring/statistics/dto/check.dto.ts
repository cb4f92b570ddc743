import { ApiProperty } from '@nestjs/swagger';
import { IsBoolean, IsOptional, IsString, Length } from 'class-validator';
import { PageInfo, PagingQuery } from '../../../../common/http/paging.dto.js';
import { IsTime } from '../../../../common/time.js';
import type { EndpointState } from '../../../../database/entities/endpoint-status.entity.js';
import { IfGiven } from '../../endpoints/dto/rules.js';
import { SystemSampleDto } from '../../system-metrics/dto/system-metrics.dto.js';

const CHECK_STATES = ['operational', 'degraded', 'major_outage', 'unknown'] as const;

/** Milliseconds spent in each phase of a check, over all redirects; null for a phase that did not happen. */
export class PhasesDto {
  /** Resolving the name, in milliseconds. */
  dns!: number | null;

  /** Connecting, in milliseconds. */
  connect!: number | null;

  /** TLS handshake, in milliseconds. */
  tls!: number | null;

  /** From the request to the headers of the answer, in milliseconds. */
  first_byte!: number | null;

  /** From the headers to the last byte, in milliseconds. */
  download!: number | null;
}

/** The result of one check. */
export class CheckDto {
  /** When it was made. */
  at!: Date;

  /** Region of the worker that made it. */
  region!: string;

  /** Whether it was good; null when nothing was measured. */
  ok!: boolean | null;

  /** What this check alone says. The state of the endpoint follows its thresholds. */
  @ApiProperty({ enum: CHECK_STATES })
  status!: EndpointState;

  /** Status code of the answer; null when none came. */
  status_code!: number | null;

  /**
   * What was wrong, for a person.
   * @example "Connection refused"
   */
  error!: string | null;

  /** Milliseconds to the last byte of the answer; null when none came. */
  response_time_ms!: number | null;

  /** Where that time went. */
  phases!: PhasesDto;
}

/** Which checks of an endpoint are asked for. */
export class ChecksQuery extends PagingQuery {
  /** Checks due from this time on, at most 31 days before `to`; 24 hours before it when left out. ISO 8601. */
  @IsOptional()
  @IsTime()
  from?: Date;

  /** Checks due before this time; now when left out. ISO 8601. */
  @IsOptional()
  @IsTime()
  to?: Date;
}

/** A page of checks. */
export class CheckListDto extends PageInfo {
  /** The checks, newest first. */
  checks!: CheckDto[];
}

/** What to check at once. */
export class RunHealthChecksDto {
  /**
   * Name of one endpoint; every enabled one when left out.
   * @example "API Root"
   */
  @IfGiven()
  @IsString()
  @Length(1, 200)
  endpoint?: string;

  /** Whether to take a sample of the system metrics as well. */
  @IfGiven()
  @IsBoolean()
  collect_metrics?: boolean;
}

/** A check with the endpoint that it belongs to. */
export class EndpointCheckDto extends CheckDto {
  /** Id of the endpoint. */
  endpoint_id!: string;

  /** Name of the endpoint. */
  endpoint!: string;
}

/** The results of checks that were asked for. */
export class HealthCheckRunDto {
  /** How many endpoints were checked. */
  checked!: number;

  /** How many of them were not good. */
  failed!: number;

  /** Their results, by name. */
  checks!: EndpointCheckDto[];

  /** The sample of the system metrics; null when none was asked for. */
  @ApiProperty({ type: () => SystemSampleDto, nullable: true })
  metrics!: SystemSampleDto | null;
}
