import { ApiProperty } from '@nestjs/swagger';

/** How much of the machine, or of the limits of the container, is in use. */
export class SystemFiguresDto {
  /** Processors in use, 0–100. */
  cpu_percent!: number;

  /** Memory in use, 0–100. */
  memory_percent!: number;

  /** Disk in use where the data lies, 0–100. */
  disk_percent!: number;
}

/** What the connection pool and the driver of this process have done since it started. */
export class DatabaseFiguresDto {
  /** Connections opened. */
  connections_created!: number;

  /** Connections closed. */
  connections_closed!: number;

  /** Statements sent. */
  total_queries!: number;

  /** Statements that failed. */
  failed_queries!: number;

  /** Statements that did not fail, 0–100; 100 when none was sent. */
  success_rate!: number;

  /** Whether PostgreSQL answers. */
  @ApiProperty({ enum: ['up', 'down'] })
  status!: 'up' | 'down';
}

/** Redis, in the metrics document. */
export class RedisFiguresDto {
  /** Whether Redis answers; `disabled` when none is configured. */
  @ApiProperty({ enum: ['up', 'down', 'disabled'] })
  status!: 'up' | 'down' | 'disabled';
}

/** Figures of the machine, the database and Redis. */
export class HealthMetricsDto {
  /** How long the process has been running, in seconds. */
  uptime_seconds!: number;

  /** When this was answered, ISO 8601 in UTC. */
  timestamp!: string;

  /** The machine; measured every 15 seconds. */
  system!: SystemFiguresDto;

  /** The database. */
  database!: DatabaseFiguresDto;

  /** Redis. */
  redis!: RedisFiguresDto;
}
