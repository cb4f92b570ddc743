import { hostname } from 'node:os';
import { performance } from 'node:perf_hooks';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Clock } from '../../common/clock.js';
import { SystemUsage } from '../../common/system-usage.js';

/** Stores what the machine of this worker uses, and how the database does. */
@Injectable()
export class SystemMetricsCollector {
  constructor(
    private readonly dataSource: DataSource,
    private readonly usage: SystemUsage,
    private readonly clock: Clock,
  ) {}

  async collect(): Promise<void> {
    const usage = await this.usage.read();
    const started = performance.now();
    const [database] = await this.dataSource.query<{ connections: number }[]>(
      'SELECT count(*)::int AS connections FROM pg_stat_activity WHERE datname = current_database()',
    );
    const latency = performance.now() - started;
    await this.dataSource.query(
      `INSERT INTO system_metrics (at, host, cpu_percent, memory_percent, memory_used_mb, disk_percent, load_average,
         network_bytes_in, network_bytes_out, database_connections, database_latency_ms)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
       ON CONFLICT DO NOTHING`,
      [
        this.clock.now(),
        hostname(),
        usage.cpu_percent,
        usage.memory_percent,
        usage.memory_used_mb,
        usage.disk_percent,
        usage.load_average,
        usage.network_bytes_in,
        usage.network_bytes_out,
        database!.connections,
        latency,
      ],
    );
  }
}
