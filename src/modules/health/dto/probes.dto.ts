import { ApiProperty } from '@nestjs/swagger';

/** Says that the process runs. */
export class LivenessDto {
  /** Always `alive`: a process that is not cannot answer. */
  @ApiProperty({ enum: ['alive'] })
  status!: 'alive';

  /** When this was answered, ISO 8601 in UTC. */
  timestamp!: string;

  /** How long the process has been running, in seconds. */
  uptime_seconds!: number;
}

/** Whether one thing that the process depends on answers. */
export class ReadinessCheckDto {
  /** Whether it answered within its time limit. */
  @ApiProperty({ enum: ['healthy', 'unhealthy'] })
  status!: 'healthy' | 'unhealthy';

  /** The same for a person. */
  message!: string;
}

/** Everything that the process depends on. */
export class ReadinessChecksDto {
  /** PostgreSQL. */
  database!: ReadinessCheckDto;

  /** Redis; left out when none is configured. */
  redis?: ReadinessCheckDto;

  /** The job queue, on PostgreSQL or Redis. */
  queue!: ReadinessCheckDto;
}

/** Whether the process should be sent work. */
export class ReadinessDto {
  /** `not_ready` when a check fails, and from the moment the process is told to stop. */
  @ApiProperty({ enum: ['ready', 'not_ready'] })
  status!: 'ready' | 'not_ready';

  /** When this was answered, ISO 8601 in UTC. */
  timestamp!: string;

  /** How long the process has been running, in seconds. */
  uptime_seconds!: number;

  /** One entry for each thing that the process depends on. */
  checks!: ReadinessChecksDto;
}
