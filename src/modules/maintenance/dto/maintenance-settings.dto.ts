import { ApiPropertyOptional, PartialType } from '@nestjs/swagger';
import {
  ArrayMaxSize,
  ArrayUnique,
  IsArray,
  IsBoolean,
  IsOptional,
  IsString,
  IsUUID,
  Length,
  Matches,
  MaxLength,
} from 'class-validator';
import { IfGiven } from '../../../common/http/if-given.js';
import { IsTime } from '../../../common/time.js';

/**
 * A maintenance window. It needs a title, something that it covers, and a time: `starts_at` and `ends_at` for once, or
 * `cron` and `duration` for again and again.
 */
export class MaintenanceSettingsDto {
  /**
   * What is going on, for those who read the status page.
   * @example "Database upgrade"
   */
  @IsString()
  @Length(1, 200)
  @Matches(/\S/, { message: 'title must not be blank' })
  title!: string;

  /** More about it; null for none. */
  @ApiPropertyOptional({ default: null })
  @IsOptional()
  @IsString()
  @MaxLength(5_000)
  description?: string | null;

  /** Whether it covers every endpoint, those included that are made later. */
  @ApiPropertyOptional({ default: false })
  @IfGiven()
  @IsBoolean()
  all_endpoints?: boolean;

  /** Ids of endpoints that it covers. */
  @ApiPropertyOptional({ default: [] })
  @IfGiven()
  @IsArray()
  @ArrayMaxSize(1_000)
  @ArrayUnique()
  @IsUUID(undefined, { each: true })
  endpoint_ids?: string[];

  /**
   * Groups whose endpoints it covers, those included that join later.
   * @example ["Payment"]
   */
  @ApiPropertyOptional({ default: [] })
  @IfGiven()
  @IsArray()
  @ArrayMaxSize(100)
  @IsString({ each: true })
  @Length(1, 100, { each: true })
  groups?: string[];

  /** Tags whose endpoints it covers, those included that get one later. */
  @ApiPropertyOptional({ default: [] })
  @IfGiven()
  @IsArray()
  @ArrayMaxSize(100)
  @IsString({ each: true })
  @Length(1, 50, { each: true })
  tags?: string[];

  /** When it begins, ISO 8601. With `cron`: nothing begins before; null for no such bound. */
  @ApiPropertyOptional({ default: null })
  @IsOptional()
  @IsTime()
  starts_at?: Date | null;

  /** When it ends, ISO 8601. With `cron`: nothing begins or lasts beyond; null for no such bound. */
  @ApiPropertyOptional({ default: null })
  @IsOptional()
  @IsTime()
  ends_at?: Date | null;

  /**
   * When it begins, again and again: minute, hour, day of month, month, day of week, in `time_zone`. `L` is the last
   * day of a month, `MON#1` its first Monday. Null for a window that holds once.
   * @example "30 2 * * SUN"
   */
  @ApiPropertyOptional({ default: null })
  @IsOptional()
  @IsString()
  @MaxLength(200)
  cron?: string | null;

  /**
   * How long each occurrence lasts, `1m` to `14d`, in elapsed time; null without `cron`.
   * @example "2h"
   */
  @ApiPropertyOptional({ default: null })
  @IsOptional()
  @IsString()
  duration?: string | null;

  /**
   * Time zone of `cron`, by its IANA name.
   * @example "Europe/Berlin"
   */
  @ApiPropertyOptional({ default: 'UTC' })
  @IfGiven()
  @IsString()
  @MaxLength(100)
  time_zone?: string;

  /** Whether it comes into effect. */
  @ApiPropertyOptional({ default: true })
  @IfGiven()
  @IsBoolean()
  enabled?: boolean;
}

/** What to change of a window; everything else stays. */
export class MaintenanceChangesDto extends PartialType(MaintenanceSettingsDto, {
  skipNullProperties: false,
}) {}
