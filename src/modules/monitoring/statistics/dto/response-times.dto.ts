import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsOptional, IsString, MaxLength } from 'class-validator';
import { IsTime } from '../../../../common/time.js';

export const STEPS = ['1m', '1h', '1d'] as const;
export type StepName = (typeof STEPS)[number];

/** Which response times are asked for. */
export class ResponseTimesQuery {
  /** Where the series begins, cut to a whole step; 24 hours before `to` when left out. ISO 8601. */
  @IsOptional()
  @IsTime()
  from?: Date;

  /** Where it ends; now when left out. ISO 8601. */
  @IsOptional()
  @IsTime()
  to?: Date;

  /** Length of a bucket; a fitting one when left out: minutes for up to 6 hours, hours for up to 31 days, else days (UTC). */
  @ApiPropertyOptional({ enum: STEPS })
  @IsOptional()
  @IsIn(STEPS)
  step?: StepName;

  /** Only checks from this region; all together when left out. */
  @IsOptional()
  @IsString()
  @MaxLength(32)
  region?: string;
}

/** What the checks of some time came to. Response times in milliseconds, to the last byte; percentiles at most 2 % off. */
export class ResponseFiguresDto {
  /** Results, those included that learned nothing. */
  count!: number;

  /** How many of them failed. */
  failed!: number;

  /** How many of them learned nothing (`unknown`). */
  unmeasured!: number;

  /** Mean response time in milliseconds; null when nothing answered. */
  avg!: number | null;

  /** Shortest response time in milliseconds; null when nothing answered. */
  min!: number | null;

  /** Longest response time in milliseconds; null when nothing answered. */
  max!: number | null;

  /** Median in milliseconds; null when nothing answered. */
  p50!: number | null;

  /** 95th percentile in milliseconds; null when nothing answered. */
  p95!: number | null;

  /** 99th percentile in milliseconds; null when nothing answered. */
  p99!: number | null;
}

/** One step of a series. */
export class ResponseBucketDto extends ResponseFiguresDto {
  /** When the step begins. */
  at!: Date;
}

/** Response times of an endpoint. */
export class ResponseTimesDto {
  /** Id of the endpoint. */
  endpoint_id!: string;

  /** Where the series begins. */
  from!: Date;

  /** Where it ends. */
  to!: Date;

  /** Length of a step. */
  @ApiProperty({ enum: STEPS })
  step!: StepName;

  /** The region asked for; null when all are taken together. */
  region!: string | null;

  /** Regions that checked in this time. */
  regions!: string[];

  /** The whole time. Its percentiles are those of all its checks, not means of percentiles. */
  total!: ResponseFiguresDto;

  /** Every step, oldest first, those without a check included. */
  series!: ResponseBucketDto[];
}
