import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn } from 'class-validator';
import { IfGiven } from '../../endpoints/dto/rules.js';

/** Time frames with their length in milliseconds. */
export const TIMEFRAMES = {
  '1h': 3_600_000,
  '6h': 6 * 3_600_000,
  '24h': 24 * 3_600_000,
  '7d': 7 * 86_400_000,
  '30d': 30 * 86_400_000,
} as const;
export type Timeframe = keyof typeof TIMEFRAMES;

/** One sample of a machine that a worker runs on. */
export class SystemSampleDto {
  /** When it was taken. */
  at!: Date;

  /** Name of the machine. */
  host!: string;

  /** Processor use, 0–100. */
  cpu_percent!: number;

  /** Memory use, 0–100. */
  memory_percent!: number;

  /** Memory use, in MiB. */
  memory_used_mb!: number;

  /** Use of the file system that holds the data, 0–100. */
  disk_percent!: number;

  /** Load average of the last minute. */
  load_average!: number;

  /** Bytes received since the sample before. */
  network_bytes_in!: number;

  /** Bytes sent since the sample before. */
  network_bytes_out!: number;

  /** Connections to the database, of all its clients. */
  database_connections!: number;

  /** Milliseconds that a small query took. */
  database_latency_ms!: number | null;
}

/** Means over a time. */
export class SystemAveragesDto {
  /** Processor use, 0–100. */
  cpu_percent!: number | null;

  /** Memory use, 0–100. */
  memory_percent!: number | null;

  /** Use of the file system that holds the data, 0–100. */
  disk_percent!: number | null;

  /** Milliseconds that a small query to the database took. */
  database_latency_ms!: number | null;
}

/** What the machines under the workers use. */
export class SystemMetricsDto {
  /** The newest sample; null before the first. */
  @ApiProperty({ type: () => SystemSampleDto, nullable: true })
  latest!: SystemSampleDto | null;

  /** Means of the last 24 hours; null where nothing was sampled. */
  last_24h!: SystemAveragesDto;

  /** Mean of the last response times of all endpoints, in milliseconds; null when none answered. */
  average_response_ms!: number | null;

  /** The samples of the last 24 hours, oldest first; the newest 1000 at most. */
  samples!: SystemSampleDto[];
}

/** Which time is asked about. */
export class TimeframeQuery {
  /** The time up to now that the figures are taken over: 1h, 6h, 24h, 7d or 30d. By default 1h. */
  @ApiPropertyOptional({ enum: Object.keys(TIMEFRAMES), default: '1h' })
  @IfGiven()
  @IsIn(Object.keys(TIMEFRAMES))
  timeframe?: Timeframe;
}

/** Bytes over the network. */
export class NetworkIoDto {
  /** Bytes received in the time frame. */
  bytes_in!: number;

  /** Bytes sent in the time frame. */
  bytes_out!: number;
}

/** System performance over a time frame. */
export class PerformanceDto {
  /** Mean processor use, 0–100. */
  cpu_usage_percent!: number;

  /** Mean memory use, 0–100. */
  memory_usage_percent!: number;

  /** Newest disk use, 0–100. */
  disk_usage_percent!: number;

  /** Bytes over the network, loopback excluded. */
  network_io!: NetworkIoDto;

  /** Newest number of connections to the database, of all its clients. */
  active_connections!: number;

  /** Requests that the API process answering this one has had in the last full minute. */
  requests_per_minute!: number;

  /** The time frame. */
  @ApiProperty({ enum: Object.keys(TIMEFRAMES) })
  timeframe!: Timeframe;

  /** Stored samples that the figures are taken from; 0 when they were measured just now instead. */
  samples!: number;
}
