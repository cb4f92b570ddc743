import { ApiProperty } from '@nestjs/swagger';
import { PageInfo } from '../../../common/http/paging.dto.js';
import {
  INCIDENT_SEVERITIES,
  INCIDENT_SOURCES,
  INCIDENT_STATUSES,
  type IncidentSeverity,
  type IncidentSource,
  type IncidentStatus,
} from '../../../database/entities/incident.entity.js';

/** An endpoint that an incident concerns. */
export class AffectedEndpointDto {
  /** Id of the endpoint. */
  id!: string;

  /**
   * Its name.
   * @example "API Root"
   */
  name!: string;
}

/** Something that is wrong and that people deal with. */
export class IncidentDto {
  /** Id of the incident. */
  id!: string;

  /**
   * What is wrong, in a line.
   * @example "Database Connection Timeout"
   */
  title!: string;

  /** What is known about it; may be empty. */
  description!: string;

  /** How bad it is. */
  @ApiProperty({ enum: INCIDENT_SEVERITIES })
  severity!: IncidentSeverity;

  /** How far people are with it. */
  @ApiProperty({ enum: INCIDENT_STATUSES })
  status!: IncidentStatus;

  /** Who opened it: a person or program (`manual`), or Watchkeep about itself (`self`). */
  @ApiProperty({ enum: INCIDENT_SOURCES })
  source!: IncidentSource;

  /** Who deals with it, as whoever assigned it wrote; null when nobody does. */
  assigned_to!: string | null;

  /** Endpoints that it concerns: up to 100 of them, by name. */
  affected_endpoints!: AffectedEndpointDto[];

  /** How many endpoints it concerns in all, also those that have been deleted since. */
  affected_count!: number;

  /** When it began. */
  started_at!: Date;

  /** When it was resolved; null while it is open. */
  resolved_at!: Date | null;

  /** When it was opened here. */
  created_at!: Date;

  /** When anything about it last changed. */
  updated_at!: Date;
}

/** A page of incidents. */
export class IncidentListDto extends PageInfo {
  /** The incidents, the newest first. */
  incidents!: IncidentDto[];
}

/** An entry of an incident’s timeline. */
export class IncidentUpdateDto {
  /** Id of the entry. */
  id!: string;

  /** Id of the incident. */
  incident_id!: string;

  /** Status of the incident from then on. */
  @ApiProperty({ enum: INCIDENT_STATUSES })
  status!: IncidentStatus;

  /** What there was to say. */
  body!: string;

  /** Whether the public status page may show it. */
  public!: boolean;

  /** Name of the user or key that wrote it; null when Watchkeep did. */
  author!: string | null;

  /** When it was written. */
  at!: Date;
}

/** A page of a timeline. */
export class IncidentUpdateListDto extends PageInfo {
  /** The entries, the newest first. */
  updates!: IncidentUpdateDto[];
}
