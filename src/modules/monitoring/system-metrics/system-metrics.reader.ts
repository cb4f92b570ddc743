import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Clock } from '../../../common/clock.js';
import { RequestStatistics } from '../../../common/http/request-statistics.js';
import { SystemUsage } from '../../../common/system-usage.js';
import type { SystemMetric } from '../../../database/entities/system-metric.entity.js';
import {
  type PerformanceDto,
  type SystemAveragesDto,
  type SystemMetricsDto,
  type SystemSampleDto,
  type Timeframe,
  TIMEFRAMES,
} from './dto/system-metrics.dto.js';

const MAX_SAMPLES = 1_000;

interface Totals {
  samples: number;
  cpu_percent: number | null;
  memory_percent: number | null;
  disk_percent: number | null;
  database_latency_ms: number | null;
  bytes_in: number;
  bytes_out: number;
}

/** Figures of the machines under the workers, for screens. */
@Injectable()
export class SystemMetricsReader {
  constructor(
    private readonly dataSource: DataSource,
    private readonly usage: SystemUsage,
    private readonly requests: RequestStatistics,
    private readonly clock: Clock,
  ) {}

  async latest(): Promise<SystemSampleDto | null> {
    const rows = await this.dataSource.query<SystemMetric[]>(
      'SELECT * FROM system_metrics ORDER BY at DESC LIMIT 1',
    );
    return rows.map(sampleView)[0] ?? null;
  }

  async read(): Promise<SystemMetricsDto> {
    const from = this.ago(TIMEFRAMES['24h']);
    const [rows, totals, [answers]] = await Promise.all([
      this.dataSource.query<SystemMetric[]>(
        'SELECT * FROM system_metrics WHERE at >= $1 ORDER BY at DESC LIMIT $2',
        [from, MAX_SAMPLES],
      ),
      this.totals(from),
      this.dataSource.query<{ average: number | null }[]>(
        'SELECT avg(last_response_ms)::float8 AS average FROM endpoint_status',
      ),
    ]);
    const samples = rows.map(sampleView);
    return {
      latest: samples[0] ?? null,
      last_24h: averages(totals),
      average_response_ms: round(answers!.average),
      samples: samples.toReversed(),
    };
  }

  /** In the shape of the reference. Before the first sample of the time frame, this process measures its own machine. */
  async performance(timeframe: Timeframe): Promise<PerformanceDto> {
    const [totals, latest] = await Promise.all([this.totals(this.ago(TIMEFRAMES[timeframe])), this.latest()]);
    const live = this.usage.latest();
    return {
      cpu_usage_percent: round(totals.cpu_percent) ?? live.cpu_percent,
      memory_usage_percent: round(totals.memory_percent) ?? live.memory_percent,
      disk_usage_percent: (totals.samples > 0 ? latest?.disk_percent : undefined) ?? live.disk_percent,
      network_io: {
        bytes_in: totals.samples > 0 ? totals.bytes_in : live.network_bytes_in,
        bytes_out: totals.samples > 0 ? totals.bytes_out : live.network_bytes_out,
      },
      active_connections: latest?.database_connections ?? 0,
      requests_per_minute: this.requests.perMinute,
      timeframe,
      samples: totals.samples,
    };
  }

  private async totals(from: Date): Promise<Totals> {
    const [row] = await this.dataSource.query<Totals[]>(
      `SELECT count(*)::int AS samples, avg(cpu_percent)::float8 AS cpu_percent,
         avg(memory_percent)::float8 AS memory_percent, avg(disk_percent)::float8 AS disk_percent,
         avg(database_latency_ms)::float8 AS database_latency_ms,
         coalesce(sum(network_bytes_in), 0)::float8 AS bytes_in, coalesce(sum(network_bytes_out), 0)::float8 AS bytes_out
       FROM system_metrics WHERE at >= $1`,
      [from],
    );
    return row!;
  }

  private ago(milliseconds: number): Date {
    return new Date(this.clock.now().getTime() - milliseconds);
  }
}

function sampleView(row: SystemMetric): SystemSampleDto {
  return {
    ...row,
    network_bytes_in: Number(row.network_bytes_in),
    network_bytes_out: Number(row.network_bytes_out),
  };
}

function averages(totals: Totals): SystemAveragesDto {
  return {
    cpu_percent: round(totals.cpu_percent),
    memory_percent: round(totals.memory_percent),
    disk_percent: round(totals.disk_percent),
    database_latency_ms: round(totals.database_latency_ms),
  };
}

/** To one decimal. */
function round(value: number | null): number | null {
  return value === null ? null : Math.round(value * 10) / 10;
}
