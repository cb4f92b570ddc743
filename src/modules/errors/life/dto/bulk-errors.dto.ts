import { ApiProperty, IntersectionType, OmitType, PartialType } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsIn,
  IsObject,
  IsUUID,
  ValidateIf,
  ValidateNested,
} from 'class-validator';
import { ListErrorsQuery } from '../../dto/list-errors.dto.js';
import { AssignErrorDto, MuteErrorDto, ResolveErrorDto } from './change-error.dto.js';

/** Most errors that one request may name. */
export const MAX_BULK_IDS = 1_000;

export const BULK_ERROR_ACTIONS = ['resolve', 'unresolve', 'mute', 'unmute', 'assign', 'delete'] as const;
export type BulkErrorAction = (typeof BULK_ERROR_ACTIONS)[number];

/** Which errors: as in the list. */
export class ErrorFilterDto extends OmitType(ListErrorsQuery, ['limit', 'offset', 'sort', 'cursor']) {}

/** What the actions take, as they take it alone. */
class BulkOptionsDto extends IntersectionType(
  ResolveErrorDto,
  MuteErrorDto,
  PartialType(AssignErrorDto, { skipNullProperties: false }),
) {}

/** What to do with many errors at once. Either `ids` or `filter` says with which; the options are those of the action. */
export class BulkErrorsDto extends BulkOptionsDto {
  /** What to do. */
  @ApiProperty({ enum: BULK_ERROR_ACTIONS })
  @IsIn(BULK_ERROR_ACTIONS)
  action!: BulkErrorAction;

  /** Ids of the errors, 1 to 1,000. */
  @ValidateIf(({ ids, filter }: BulkErrorsDto) => ids !== undefined || filter === undefined)
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(MAX_BULK_IDS)
  @IsUUID(undefined, { each: true })
  ids?: string[];

  /** Which errors: `{}` for all, but not to `delete` them. Those that are so already are left out. */
  @ValidateIf(({ filter }: BulkErrorsDto) => filter !== undefined)
  @IsObject()
  @ValidateNested()
  @Type(() => ErrorFilterDto)
  filter?: ErrorFilterDto;
}

/** What was done. */
export class BulkErrorsResultDto {
  /** Errors that it made a difference to. */
  changed!: number;

  /** Ids that were given and that no error has; when deleting, also those of errors that are merged into another. */
  not_found!: string[];

  /** Whether more errors match the filter than one request takes: send it again. */
  more!: boolean;
}
