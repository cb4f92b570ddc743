import { ApiPropertyOptional, IntersectionType } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { ArrayMaxSize, IsArray, IsBoolean, IsIn, IsString, Length } from 'class-validator';
import { PagingQuery } from '../../../../common/http/paging.dto.js';
import { type EndpointKind } from '../../../../database/entities/endpoint.entity.js';
import { ENDPOINT_STATES, type EndpointState } from '../../../../database/entities/endpoint-status.entity.js';
import { KNOWN_KINDS } from '../endpoint-kinds.js';
import { IfGiven } from './rules.js';

export const ENDPOINT_SORTS = [
  'name',
  '-name',
  'status',
  '-status',
  'response_time',
  '-response_time',
  'uptime',
  '-uptime',
  'last_checked',
  '-last_checked',
  'created_at',
  '-created_at',
  'group',
  '-group',
] as const;
export type EndpointSort = (typeof ENDPOINT_SORTS)[number];

/** A parameter that may be repeated. */
const Several = (): PropertyDecorator =>
  Transform(({ value }: { value: unknown }) =>
    Array.isArray(value) || value === undefined ? value : [value],
  );

/** Which endpoints are meant. What is given must all hold. */
export class EndpointFilter {
  /** Only endpoints with this text in their name, address, group or a tag, whatever its case. */
  @IfGiven()
  @IsString()
  @Length(1, 200)
  search?: string;

  /** Only endpoints of this group. */
  @IfGiven()
  @IsString()
  @Length(1, 100)
  group?: string;

  /** Only endpoints with this tag; given several times, with all of them. */
  @ApiPropertyOptional({ type: [String] })
  @Several()
  @IfGiven()
  @IsArray()
  @ArrayMaxSize(20)
  @IsString({ each: true })
  @Length(1, 50, { each: true })
  tag?: string[];

  /** Only endpoints in this state; given several times, in any of them. */
  @ApiPropertyOptional({ enum: ENDPOINT_STATES, isArray: true })
  @Several()
  @IfGiven()
  @IsArray()
  @ArrayMaxSize(ENDPOINT_STATES.length)
  @IsIn(ENDPOINT_STATES, { each: true })
  status?: EndpointState[];

  /** Only endpoints of this kind; given several times, of any of them. */
  @ApiPropertyOptional({ enum: KNOWN_KINDS, isArray: true })
  @Several()
  @IfGiven()
  @IsArray()
  @ArrayMaxSize(20)
  @IsIn(KNOWN_KINDS, { each: true })
  kind?: EndpointKind[];

  /** Only endpoints that are checked (`true`) or not (`false`). */
  @IfGiven()
  @Transform(({ value }: { value: unknown }) => (value === 'true' ? true : value === 'false' ? false : value))
  @IsBoolean({ message: 'enabled must be true or false' })
  enabled?: boolean;
}

/** Which endpoints are asked for, and in which order. */
export class EndpointsQuery extends IntersectionType(EndpointFilter, PagingQuery) {
  /**
   * The order; with a minus the other way round. By `status` the worst come first, by the others the smallest. What has
   * no value comes last, and endpoints that are equal are in order of their names.
   */
  @ApiPropertyOptional({ enum: ENDPOINT_SORTS, default: 'name' })
  @IsIn(ENDPOINT_SORTS)
  sort: EndpointSort = 'name';
}
