import { ApiProperty } from '@nestjs/swagger';
import { Transform, Type } from 'class-transformer';
import {
  IsBoolean,
  IsIn,
  IsInt,
  IsNotEmpty,
  IsOptional,
  IsString,
  Max,
  MaxLength,
  Min,
} from 'class-validator';
import { PagingQuery } from '../../../common/http/paging.dto.js';
import { IsTime } from '../../../common/time.js';
import { ERROR_LEVELS, type ErrorLevel } from '../../../database/entities/error-group.entity.js';

export const ERROR_SORTS = [
  'last_seen',
  '-last_seen',
  'first_seen',
  '-first_seen',
  'count',
  '-count',
  'users',
  '-users',
] as const;
export type ErrorSort = (typeof ERROR_SORTS)[number];

/** Which errors are asked for, and in which order. */
export class ListErrorsQuery extends PagingQuery {
  /** Only errors of this level. */
  @ApiProperty({ enum: ERROR_LEVELS, required: false })
  @IsOptional()
  @IsIn(ERROR_LEVELS)
  level?: ErrorLevel;

  /** Only errors that this program reported. */
  @IsOptional()
  @IsString()
  @MaxLength(200)
  source?: string;

  /** Only errors that were reported from this environment, last or earlier. */
  @IsOptional()
  @IsString()
  @MaxLength(100)
  environment?: string;

  /** Only errors that are resolved (`true`) or open (`false`). */
  @IsOptional()
  @Transform(({ value }: { value: unknown }) => (value === 'true' ? true : value === 'false' ? false : value))
  @IsBoolean({ message: 'resolved must be true or false' })
  resolved?: boolean;

  /**
   * Only errors whose message contains this text, whatever its case. A text without three letters or digits in a row
   * is looked for among the 10,000 errors that occurred last.
   */
  @IsOptional()
  @IsString()
  @IsNotEmpty()
  @MaxLength(200)
  search?: string;

  /**
   * A search: words and `"phrases"` that the message must hold, and conditions `key:value`, each with `!` before it for
   * its opposite. Keys are `is`, `level`, `source`, `environment`, `release`, `assigned`, `first_seen`, `last_seen`,
   * `count`, `users`, `has`; any other is a tag. See docs/search.md.
   * @example "is:unresolved level:[error,warning] release:1.2.* !browser:Chrome \"connection timeout\""
   */
  @IsOptional()
  @IsString()
  @MaxLength(1_000)
  query?: string;

  /** Only errors that occurred last at this time or later. ISO 8601. */
  @IsOptional()
  @IsTime()
  from?: Date;

  /** Only errors that occurred last before this time. ISO 8601. */
  @IsOptional()
  @IsTime()
  to?: Date;

  /** The order: by last or first occurrence, by how often it occurred or by affected users; largest first with a minus. */
  @ApiProperty({ enum: ERROR_SORTS, required: false, default: '-last_seen' })
  @IsIn(ERROR_SORTS)
  sort: ErrorSort = '-last_seen';

  /** How many rows to skip, at most 10,000: to go deeper, follow `next_cursor`, which costs the same however deep. */
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(0)
  @Max(10_000, { message: 'offset must not be greater than 10000: follow next_cursor to go deeper' })
  override offset: number = 0;

  /** Where the page before ended: its `next_cursor`. Goes on from there at the same cost however deep; `offset` is ignored. */
  @IsOptional()
  @IsString()
  @MaxLength(300)
  cursor?: string;
}
