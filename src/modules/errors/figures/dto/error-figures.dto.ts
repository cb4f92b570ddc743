import { ApiProperty } from '@nestjs/swagger';
import { IsIn, IsOptional, IsString, MaxLength } from 'class-validator';

export const FIGURE_PERIODS = ['24h', '7d', '30d', '90d'] as const;
export type FigurePeriod = (typeof FIGURE_PERIODS)[number];

/** Which figures of an error are asked for. */
export class ErrorFiguresQuery {
  /** How far the histogram reaches back: by the hour up to 7 days, beyond by the day (UTC). */
  @ApiProperty({ enum: FIGURE_PERIODS, required: false, default: '24h' })
  @IsIn(FIGURE_PERIODS)
  period: FigurePeriod = '24h';
}

/** How often an error occurred in one hour or day. */
export class HistogramBucketDto {
  /** When it begins. */
  at!: Date;

  /** Occurrences. */
  count!: number;
}

/** One value of a tag. */
export class TagShareDto {
  /**
   * The value, cut after 200 characters.
   * @example "Chrome 130"
   */
  value!: string;

  /** Reports that carried it. */
  count!: number;

  /** Of all reports that carried the tag, in percent. */
  share_percent!: number;

  /** When it was reported last. */
  last_seen!: Date;
}

/** What the reports said under one key. */
export class TagDistributionDto {
  /**
   * Name of the tag; `level`, `environment` and `release` are what every report may carry.
   * @example "browser"
   */
  key!: string;

  /** Reports that carried it. */
  total!: number;

  /** Its values, the most frequent first: at most 10 are shown. */
  values!: TagShareDto[];

  /** Reports with values that are not shown. */
  other!: number;
}

/** How often, when, where and to whom an error occurred; merged errors included. Follows a few seconds later. */
export class ErrorFiguresDto {
  /** Affected users: exact up to 256, above within some 2 percent. */
  users!: number;

  /** Length of a bucket. */
  @ApiProperty({ enum: ['1h', '1d'] })
  step!: '1h' | '1d';

  /** Occurrences by time, oldest first, empty buckets included. Reaches back 90 days at most. */
  histogram!: HistogramBucketDto[];

  /** Levels that it was reported at. */
  levels!: TagShareDto[];

  /** Environments that it was reported from. */
  environments!: TagShareDto[];

  /** Releases that it was reported from, the latest first. */
  releases!: TagShareDto[];

  /** Tags, those that most reports carried first. */
  tags!: TagDistributionDto[];
}

/** What a search is completed to. */
export class ListTagsQuery {
  /** Only what this program reported. */
  @IsOptional()
  @IsString()
  @MaxLength(200)
  source?: string;

  /** Name of a tag whose values are asked for; without it, the names are. */
  @IsOptional()
  @IsString()
  @MaxLength(64)
  key?: string;

  /** What names or values begin with. */
  @IsOptional()
  @IsString()
  @MaxLength(200)
  prefix?: string;
}

/** A name or a value that a search can be completed to. */
export class TagCompletionDto {
  /**
   * The name, or the value.
   * @example "browser"
   */
  text!: string;

  /** When it was reported last. */
  last_seen!: Date;
}

/** Names or values, those reported last first. */
export class TagCompletionsDto {
  /** At most 100. */
  tags!: TagCompletionDto[];
}
