import { ApiProperty } from '@nestjs/swagger';

/** The short answer to “is it up?”. */
export class HealthDto {
  /** `error` when the database is gone. */
  @ApiProperty({ enum: ['ok', 'error'] })
  status!: 'ok' | 'error';

  /** When this was answered, ISO 8601 in UTC. */
  timestamp!: string;

  /** How long the process has been running, in whole seconds. */
  uptime!: number;

  /** Whether PostgreSQL answers. */
  @ApiProperty({ enum: ['connected', 'disconnected'] })
  database!: 'connected' | 'disconnected';

  /** Live WebSocket sessions of this process. */
  activeSessions!: number;
}

/** The process, in the status document. */
export class ApiStatusDto {
  /** `stopping` from the moment the process is told to stop. */
  @ApiProperty({ enum: ['running', 'stopping'] })
  status!: 'running' | 'stopping';

  /** Version of Watchkeep. */
  version!: string;

  /** How long the process has been running, in whole seconds. */
  uptime!: number;
}

/** The database, in the status document. */
export class DatabaseStatusDto {
  /** Whether PostgreSQL answers. */
  @ApiProperty({ enum: ['connected', 'disconnected'] })
  status!: 'connected' | 'disconnected';

  /** How long its last answer took, in milliseconds; null when there was none. */
  @ApiProperty({ type: 'integer', nullable: true })
  latency!: number | null;
}

/** WebSocket sessions, in the status document. */
export class SessionStatusDto {
  /** All of the below together. */
  total!: number;

  /** Sessions open now. */
  connected!: number;

  /** Handshakes under way. */
  pending!: number;

  /** Sessions that have ended since the process started. */
  disconnected!: number;
}

/** The process, its database and its WebSocket sessions. */
export class StatusDto {
  /** The process that answers. */
  api!: ApiStatusDto;

  /** Its database. */
  database!: DatabaseStatusDto;

  /** Its WebSocket sessions. */
  sessions!: SessionStatusDto;

  /** When this was answered, ISO 8601 in UTC. */
  timestamp!: string;
}
