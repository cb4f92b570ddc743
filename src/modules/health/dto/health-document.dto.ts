import { ApiProperty } from '@nestjs/swagger';
import { SystemFiguresDto } from './health-metrics.dto.js';

/** The database, in the health document. */
export class DocumentDatabaseDto {
  /** Whether PostgreSQL answers. */
  @ApiProperty({ enum: ['ok'] })
  status!: 'ok';

  /** Whether there is a connection to it. */
  @ApiProperty({ enum: ['active'] })
  connection!: 'active';
}

/** Which browsers may call the API. */
export class DocumentCorsDto {
  /** The setting `CORS_ORIGINS`. */
  configured_origins!: string[];

  /** Whether the origin of this request, or without one that of `PUBLIC_URL`, may call the API from a browser. */
  frontend_origin_allowed!: boolean;
}

/** Everything about the health of the API in one document. */
export class HealthDocumentDto {
  /** `degraded` when the queue or Redis does not answer, or when processor, memory or disk is nearly used up. */
  @ApiProperty({ enum: ['ok', 'degraded'] })
  status!: 'ok' | 'degraded';

  /** When this was answered, ISO 8601 in UTC. */
  timestamp!: string;

  /** Version of Watchkeep. */
  version!: string;

  /** The setting `ENVIRONMENT`. */
  environment!: string;

  /** The setting `DEBUG`. */
  debug!: boolean;

  /** The database. */
  database!: DocumentDatabaseDto;

  /** The machine; measured every 15 seconds. */
  system!: SystemFiguresDto;

  /** Which browsers may call the API. */
  cors!: DocumentCorsDto;

  /** Where the main parts of the API are: name and path. */
  @ApiProperty({ type: 'object', additionalProperties: { type: 'string' } })
  endpoints!: Record<string, string>;
}

/** What is left to say when the database is gone. */
export class HealthFailureDto {
  /** Always `error`. */
  @ApiProperty({ enum: ['error'] })
  status!: 'error';

  /** What is wrong, for a person. */
  error!: string;

  /** When this was answered, ISO 8601 in UTC. */
  timestamp!: string;
}
