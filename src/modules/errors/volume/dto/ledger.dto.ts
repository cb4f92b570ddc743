import { ApiProperty } from '@nestjs/swagger';
import { IsIn, IsOptional, IsString, MaxLength } from 'class-validator';
import { IsTime } from '../../../../common/time.js';
import {
  LEDGER_OUTCOMES,
  type LedgerOutcome,
} from '../../../../database/entities/error-ledger-entry.entity.js';

export const LEDGER_GROUPS = ['hour', 'day'] as const;

/** Which part of the ledger is asked for. */
export class LedgerQuery {
  /** Whole hours from this time on. ISO 8601. Default: a day before `to`. */
  @IsOptional()
  @IsTime()
  from?: Date;

  /** Hours that began before this time. ISO 8601. Default: now. */
  @IsOptional()
  @IsTime()
  to?: Date;

  /** Only reports of this program. */
  @IsOptional()
  @IsString()
  @MaxLength(200)
  source?: string;

  /** Whether `buckets` are hours (31 days at most) or days, in UTC. */
  @ApiProperty({ enum: LEDGER_GROUPS, required: false, default: 'hour' })
  @IsIn(LEDGER_GROUPS)
  group_by: (typeof LEDGER_GROUPS)[number] = 'hour';
}

/** How many reports fared so. */
export class LedgerLineDto {
  /** What became of them. */
  @ApiProperty({ enum: LEDGER_OUTCOMES })
  outcome!: LedgerOutcome;

  /** Why, when the outcome has several reasons; else null. */
  reason!: string | null;

  /** How many. */
  count!: number;
}

/** What became of the reports of one hour or day. */
export class LedgerBucketDto {
  /** When it began. */
  start!: Date;

  /** One line for each outcome and reason that there was. */
  lines!: LedgerLineDto[];
}

/** How many reports of one program there were. */
export class LedgerSourceDto {
  /** The program; empty where it is not known, `(other)` for those beyond the first 1,000 of an hour. */
  source!: string;

  /** Reports that are stored. */
  accepted!: number;

  /** Reports that are not: limited, invalid, forbidden, failed, and discarded by the client. */
  lost!: number;
}

/** What became of reports. */
export class LedgerDto {
  /** Start of the first hour. */
  from!: Date;

  /** End of the time asked for. */
  to!: Date;

  /** Reports that reached this instance: accepted, repeated, limited, invalid, forbidden and failed together. */
  received!: number;

  /** Sums over the whole time. */
  totals!: LedgerLineDto[];

  /** Hours or days with reports, the first first. */
  buckets!: LedgerBucketDto[];

  /** The 100 programs with the most reports. */
  sources!: LedgerSourceDto[];
}
