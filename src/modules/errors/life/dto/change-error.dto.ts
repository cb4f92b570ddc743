import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsIn, IsInt, IsObject, IsString, Max, Min, ValidateIf, ValidateNested } from 'class-validator';
import { IfGiven } from '../../../../common/http/if-given.js';
import { IsTime } from '../../../../common/time.js';
import { RESOLUTIONS, type Resolution } from '../error-action.js';
import { IsWholeDuration } from './is-whole-duration.js';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const MAX_COUNT = 1_000_000_000;

/** How an error is resolved. */
export class ResolveErrorDto {
  /**
   * What opens it again: `now`, any further report; `next_release`, only a report from a release that is not known yet.
   * Default: `now`.
   */
  @ApiProperty({ enum: RESOLUTIONS, required: false, default: 'now' })
  @IfGiven()
  @IsIn(RESOLUTIONS)
  in?: Resolution;
}

/** So many occurrences within a time. */
export class MuteRateDto {
  /** Occurrences, 1 to a billion. */
  @IsInt()
  @Min(1)
  @Max(MAX_COUNT)
  count!: number;

  /**
   * The time that they occur within: whole minutes from `1m` to `7d`.
   * @example "5m"
   */
  @IsWholeDuration(MINUTE_MS, 7 * DAY_MS, MINUTE_MS)
  per!: string;
}

/** What ends a mute, whichever comes first. With nothing at all it is for good. */
export class MuteErrorDto {
  /** It ends at this time, which is yet to come. ISO 8601. */
  @IfGiven()
  @IsTime()
  until?: Date;

  /**
   * It ends after this time: whole seconds from `1s` to `3650d`. Not together with `until`.
   * @example "1h"
   */
  @IfGiven()
  @IsWholeDuration(1_000, 3_650 * DAY_MS, 1_000)
  for?: string;

  /** It ends with so many more occurrences, 1 to a billion. */
  @IfGiven()
  @IsInt()
  @Min(1)
  @Max(MAX_COUNT)
  count?: number;

  /** It ends when the error occurs this often. */
  @ApiPropertyOptional({ type: MuteRateDto })
  @IfGiven()
  @IsObject()
  @ValidateNested()
  @Type(() => MuteRateDto)
  rate?: MuteRateDto;
}

/** Who looks into an error. */
export class AssignErrorDto {
  /**
   * Id of the user, `me` for the one who is signed in, or null for nobody.
   * @example "me"
   */
  @ApiProperty({ type: String, nullable: true })
  @ValidateIf((_, value: unknown) => value !== null)
  @IsString()
  assignee!: string | null;
}

/** Who looks into an error now. */
export class ErrorAssignmentDto {
  /** Id of the user; null for nobody. */
  @ApiProperty({ type: String, nullable: true })
  assigned_to!: string | null;
}
