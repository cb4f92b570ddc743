import { ApiProperty, PartialType } from '@nestjs/swagger';
import {
  ArrayMaxSize,
  ArrayUnique,
  IsArray,
  IsBoolean,
  IsIn,
  IsOptional,
  IsString,
  IsUUID,
  Length,
  MaxLength,
} from 'class-validator';
import { IfGiven } from '../../../common/http/if-given.js';
import { IsTime } from '../../../common/time.js';
import {
  INCIDENT_SEVERITIES,
  INCIDENT_STATUSES,
  type IncidentSeverity,
  type IncidentStatus,
} from '../../../database/entities/incident.entity.js';

const MAX_ENDPOINTS = 100;
const MAX_TEXT = 10_000;

/** What an incident is. */
class IncidentFieldsDto {
  /**
   * What is wrong, in a line.
   * @example "Database Connection Timeout"
   */
  @IsString()
  @Length(1, 200)
  title!: string;

  /** How bad it is. */
  @ApiProperty({ enum: INCIDENT_SEVERITIES })
  @IsIn(INCIDENT_SEVERITIES)
  severity!: IncidentSeverity;

  /** What is known about it. */
  @IfGiven()
  @IsString()
  @MaxLength(MAX_TEXT)
  description?: string;

  /** How far people are with it; a new incident is being investigated unless it says otherwise. */
  @ApiProperty({ enum: INCIDENT_STATUSES, required: false })
  @IfGiven()
  @IsIn(INCIDENT_STATUSES)
  status?: IncidentStatus;

  /**
   * Who deals with it; null for nobody.
   * @example "user-123"
   */
  @IsOptional()
  @IsString()
  @Length(1, 200)
  assigned_to?: string | null;

  /** Ids of the endpoints that it concerns, 100 at most; they replace those before. */
  @IfGiven()
  @IsArray()
  @ArrayMaxSize(MAX_ENDPOINTS)
  @ArrayUnique()
  @IsUUID('all', { each: true })
  endpoint_ids?: string[];

  /** When it began; a new incident begins now unless it says otherwise. ISO 8601. */
  @IfGiven()
  @IsTime()
  started_at?: Date;

  /** What the timeline says about this; by default what has changed. */
  @IfGiven()
  @IsString()
  @Length(1, MAX_TEXT)
  message?: string;

  /** Whether the public status page may show that entry. */
  @IfGiven()
  @IsBoolean()
  public?: boolean = true;
}

/** A new incident. */
export class CreateIncidentDto extends IncidentFieldsDto {}

/** What to change about an incident; what is left out stays. */
export class ChangeIncidentDto extends PartialType(IncidentFieldsDto, { skipNullProperties: false }) {}

/** A new entry of a timeline. */
export class AddIncidentUpdateDto {
  /** What there is to say. */
  @IsString()
  @Length(1, MAX_TEXT)
  body!: string;

  /** Status of the incident from now on; by default it stays. */
  @ApiProperty({ enum: INCIDENT_STATUSES, required: false })
  @IfGiven()
  @IsIn(INCIDENT_STATUSES)
  status?: IncidentStatus;

  /** Whether the public status page may show it. */
  @IfGiven()
  @IsBoolean()
  public?: boolean = true;
}
