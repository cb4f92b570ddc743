import { hostname } from 'node:os';
import { performance } from 'node:perf_hooks';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Clock } from '../../../common/clock.js';
import { SystemUsage } from '../../../common/system-usage.js';

/** Stores what the machine of this worker uses, and how the database does. */
@Injectable()
export class SystemMetricsCollector {
  /** When this process took its last sample. */
  private sampledAt: Date | undefined;

  constructor(
    private readonly dataSource: DataSource,
    private readonly usage: SystemUsage,
    private readonly clock: Clock,
  ) {}

  async collect(): Promise<void> {
    const usage = await this.usage.read();
    const now = this.clock.now();
    const share = await this.shareOfTraffic(now);
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
        now,
        hostname(),
        usage.cpu_percent,
        usage.memory_percent,
        usage.memory_used_mb,
        usage.disk_percent,
        usage.load_average,
        Math.round(usage.network_bytes_in * share),
        Math.round(usage.network_bytes_out * share),
        database!.connections,
        latency,
      ],
    );
  }

  /**
   * Workers on one machine take turns, and each counts the traffic since its own last sample: part of that is in the
   * sample of another already. What is left is taken to be as much as the time that is left.
   */
  private async shareOfTraffic(now: Date): Promise<number> {
    const from = this.sampledAt;
    this.sampledAt = now;
    if (!from || now <= from) return 1;
    const [row] = await this.dataSource.query<{ at: Date | null }[]>(
      'SELECT max(at) AS at FROM system_metrics WHERE host = $1 AND at > $2 AND at <= $3',
      [hostname(), from, now],
    );
    const covered = row!.at ? row!.at.getTime() - from.getTime() : 0;
    return 1 - covered / (now.getTime() - from.getTime());
  }
}
