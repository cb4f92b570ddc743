import { ApiProperty } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsBoolean, IsIn, IsOptional } from 'class-validator';
import { PagingQuery } from '../../../common/http/paging.dto.js';
import {
  INCIDENT_SEVERITIES,
  INCIDENT_STATUSES,
  type IncidentSeverity,
  type IncidentStatus,
} from '../../../database/entities/incident.entity.js';

/** Which incidents are asked for. */
export class ListIncidentsQuery extends PagingQuery {
  /** Only incidents of this status. */
  @ApiProperty({ enum: INCIDENT_STATUSES, required: false })
  @IsOptional()
  @IsIn(INCIDENT_STATUSES)
  status?: IncidentStatus;

  /** Only incidents of this severity. */
  @ApiProperty({ enum: INCIDENT_SEVERITIES, required: false })
  @IsOptional()
  @IsIn(INCIDENT_SEVERITIES)
  severity?: IncidentSeverity;

  /** Only incidents that are open (`true`) or resolved (`false`). */
  @IsOptional()
  @Transform(({ value }: { value: unknown }) => (value === 'true' ? true : value === 'false' ? false : value))
  @IsBoolean({ message: 'open must be true or false' })
  open?: boolean;
}
