import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsIn,
  IsObject,
  IsString,
  IsUUID,
  Length,
  ValidateIf,
  ValidateNested,
} from 'class-validator';
import { EndpointFilter } from './endpoints-query.dto.js';
import { DAY_MS, SECOND_MS } from './limits.js';
import { IsDuration } from './rules.js';

/** Most endpoints that one request may change. */
export const MAX_BULK = 10_000;

export const BULK_ACTIONS = [
  'enable',
  'disable',
  'delete',
  'check',
  'set_group',
  'add_tags',
  'remove_tags',
  'set_interval',
] as const;
export type BulkAction = (typeof BULK_ACTIONS)[number];

const forAction = (...actions: BulkAction[]): PropertyDecorator =>
  ValidateIf(
    ({ action }: BulkEndpointsDto, value: unknown) => actions.includes(action) || value !== undefined,
  );

/** What to do with many endpoints at once. Either `ids` or `filter` says with which. */
export class BulkEndpointsDto {
  /** Ids of the endpoints, at most 10,000. Those that do not exist are left out. */
  @ValidateIf(({ ids, filter }: BulkEndpointsDto) => ids !== undefined || filter === undefined)
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(MAX_BULK)
  @IsUUID(undefined, { each: true })
  ids?: string[];

  /** Which endpoints: `{}` for all, but not to `delete` them. They must not be more than 10,000. */
  @ValidateIf(({ filter }: BulkEndpointsDto) => filter !== undefined)
  @IsObject()
  @ValidateNested()
  @Type(() => EndpointFilter)
  filter?: EndpointFilter;

  /** What to do. `check` makes them due at once and does not wait for the results. */
  @ApiProperty({ enum: BULK_ACTIONS })
  @IsIn(BULK_ACTIONS)
  action!: BulkAction;

  /** The group, for `set_group`; null for none. */
  @ApiPropertyOptional({ type: String, nullable: true })
  @forAction('set_group')
  @ValidateIf(({ group }: BulkEndpointsDto) => group !== null)
  @IsString()
  @Length(1, 100)
  group?: string | null;

  /** The tags, for `add_tags` and `remove_tags`. */
  @forAction('add_tags', 'remove_tags')
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(50)
  @IsString({ each: true })
  @Length(1, 50, { each: true })
  tags?: string[];

  /** Time between two checks, `1s` to `1d`, for `set_interval`. */
  @forAction('set_interval')
  @IsDuration(SECOND_MS, DAY_MS)
  interval?: string;
}

/** What was done. */
export class BulkResultDto {
  /** Endpoints that were meant, and exist. */
  matched!: number;

  /** Those of them that it made a difference to. */
  changed!: number;
}
