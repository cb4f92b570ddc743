import { ApiProperty } from '@nestjs/swagger';
import { IsOptional } from 'class-validator';
import { PageInfo, PagingQuery } from '../../../../common/http/paging.dto.js';
import { IsTime } from '../../../../common/time.js';
import { ENDPOINT_STATES, type EndpointState } from '../../../../database/entities/endpoint-status.entity.js';

/** Which state intervals are asked for. */
export class StatesQuery extends PagingQuery {
  /** Only intervals that end after this time; all when left out. ISO 8601. */
  @IsOptional()
  @IsTime()
  from?: Date;

  /** Only intervals that begin before this time; all when left out. ISO 8601. */
  @IsOptional()
  @IsTime()
  to?: Date;
}

/** A stretch of time in one state. */
export class StateIntervalDto {
  /** The state. */
  @ApiProperty({ enum: ENDPOINT_STATES })
  state!: EndpointState;

  /** When it began. */
  started_at!: Date;

  /** When it ended; null while it lasts. */
  ended_at!: Date | null;

  /** How long it lasted, or has lasted so far, in milliseconds. */
  duration_ms!: number;
}

/** A page of state intervals. */
export class StateIntervalListDto extends PageInfo {
  /** The intervals, newest first. Those that ended more than 400 days ago are gone. */
  states!: StateIntervalDto[];
}
