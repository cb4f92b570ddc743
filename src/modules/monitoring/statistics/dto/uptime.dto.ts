import { ApiProperty } from '@nestjs/swagger';
import { Transform, Type } from 'class-transformer';
import {
  ArrayMaxSize,
  IsArray,
  IsInt,
  IsOptional,
  IsString,
  IsUUID,
  Max,
  MaxLength,
  Min,
} from 'class-validator';
import { PageInfo, PagingQuery } from '../../../../common/http/paging.dto.js';
import { ENDPOINT_STATES, type EndpointState } from '../../../../database/entities/endpoint-status.entity.js';

export const UPTIME_WINDOWS = ['24h', '7d', '30d', '90d', '1y'] as const;
export type UptimeWindowName = (typeof UPTIME_WINDOWS)[number];

/** Milliseconds spent in each state; together they are the whole time. */
export class StateTimesDto {
  /** Working. */
  operational!: number;

  /** Working, but slowly or not in every respect; counts as up. */
  degraded!: number;

  /** Down in part; counts as down. */
  partial_outage!: number;

  /** Down. */
  major_outage!: number;

  /** In planned maintenance; not counted. */
  maintenance!: number;

  /** Not measured; not counted, but lowers the coverage. */
  unknown!: number;
}

/** Uptime over some time. */
export class UptimeFiguresDto {
  /**
   * `100 × (operational + degraded) ÷ (operational + degraded + partial_outage + major_outage)`, rounded down to three
   * decimals; null when nothing was measured.
   * @example 99.987
   */
  uptime_percent!: number | null;

  /**
   * Share of the time, maintenance left out, that was measured, in percent, rounded down to three decimals; null when
   * there was nothing but maintenance.
   * @example 100
   */
  coverage_percent!: number | null;

  /** Milliseconds in each state. */
  states!: StateTimesDto;
}

/** Uptime over a window that ends now. */
export class UptimeWindowDto extends UptimeFiguresDto {
  /** Which window it is. `1y` is 365 days. */
  @ApiProperty({ enum: UPTIME_WINDOWS })
  window!: UptimeWindowName;

  /** Where it begins: 24 hours ago for `24h`, else at the midnight (UTC) before that many days ago; never before the endpoint was created. */
  from!: Date;

  /** Where it ends: now. */
  to!: Date;
}

/** Uptime over a month (UTC). */
export class UptimeMonthDto extends UptimeFiguresDto {
  /**
   * The month.
   * @example "2026-01"
   */
  month!: string;

  /** Whether the figures are final. They are, some two days after the month has ended. */
  frozen!: boolean;
}

/** The uptime of an endpoint. */
export class EndpointUptimeDto {
  /** Id of the endpoint. */
  endpoint_id!: string;

  /** The last 24 hours, 7, 30 and 90 days and the last year. */
  windows!: UptimeWindowDto[];

  /** The current month and the 24 before it, newest first, as far as the endpoint existed. */
  months!: UptimeMonthDto[];
}

/** Which endpoints’ days are asked for. */
export class UptimeQuery extends PagingQuery {
  /** Ids of endpoints, separated by commas, at most 100; every endpoint when left out. */
  @IsOptional()
  @Transform(({ value }: { value: unknown }) => (typeof value === 'string' ? value.split(',') : value))
  @IsArray()
  @ArrayMaxSize(100)
  @IsUUID(undefined, { each: true })
  ids?: string[];

  /** Only endpoints of the group with this name. */
  @IsOptional()
  @IsString()
  @MaxLength(200)
  group?: string;

  /** How many days (UTC), the last of them today. */
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(90)
  days: number = 90;
}

/** Milliseconds spent in each state on one day; a state without any is left out. */
export class DayStatesDto {
  /** Working, in milliseconds. */
  operational?: number;

  /** Working, but slowly or not in every respect, in milliseconds. */
  degraded?: number;

  /** Down in part, in milliseconds. */
  partial_outage?: number;

  /** Down, in milliseconds. */
  major_outage?: number;

  /** In planned maintenance, in milliseconds. */
  maintenance?: number;

  /** Not measured, in milliseconds. */
  unknown?: number;
}

/** One day of an endpoint. */
export class UptimeDayDto {
  /**
   * The day (UTC).
   * @example "2026-01-31"
   */
  day!: string;

  /** Uptime of the day in percent, rounded down to three decimals; null when nothing was measured. */
  uptime_percent!: number | null;

  /** Milliseconds in each state; empty before the endpoint was created. */
  states!: DayStatesDto;
}

/** The days of one endpoint. */
export class UptimeBarsDto {
  /** Id of the endpoint. */
  endpoint_id!: string;

  /** Name of the endpoint. */
  name!: string;

  /** Heading that it stands under. */
  group!: string | null;

  /** Its state now. */
  @ApiProperty({ enum: ENDPOINT_STATES })
  status!: EndpointState;

  /** Uptime over all these days in percent, rounded down to three decimals; null when nothing was measured. */
  uptime_percent!: number | null;

  /** Share of these days, maintenance left out, that was measured, in percent; null when there was nothing but maintenance. */
  coverage_percent!: number | null;

  /** The days, oldest first, the last of them today as far as it has come. */
  days!: UptimeDayDto[];
}

/** A page of endpoints with their days. */
export class UptimeBarsListDto extends PageInfo {
  /** The endpoints, by name. */
  endpoints!: UptimeBarsDto[];
}
