import { Injectable } from '@nestjs/common';
import { Clock } from '../../common/clock.js';
import { ShutdownState } from '../../common/shutdown-state.js';
import { SystemUsage } from '../../common/system-usage.js';
import { VERSION } from '../../common/version.js';
import { StatementCounter } from '../../database/statement-counter.js';
import { SocketStatistics } from '../../realtime/socket-statistics.js';
import { DependenciesReader, type Dependency } from './dependencies.reader.js';
import type { HealthDto, StatusDto } from './dto/health.dto.js';
import type { DatabaseFiguresDto, HealthMetricsDto, RedisFiguresDto } from './dto/health-metrics.dto.js';
import { systemFigures } from './system-share.js';
import { uptimeSeconds, wholeUptimeSeconds } from './uptime.js';

/** The short documents about the process, its database and its machine. */
@Injectable()
export class HealthReader {
  constructor(
    private readonly dependencies: DependenciesReader,
    private readonly sockets: SocketStatistics,
    private readonly statements: StatementCounter,
    private readonly system: SystemUsage,
    private readonly shutdown: ShutdownState,
    private readonly clock: Clock,
  ) {}

  async health(): Promise<HealthDto> {
    const { healthy } = await this.dependencies.readDatabase();
    return {
      status: healthy ? 'ok' : 'error',
      timestamp: this.now(),
      uptime: wholeUptimeSeconds(),
      database: healthy ? 'connected' : 'disconnected',
      activeSessions: this.sockets.active,
    };
  }

  async status(): Promise<StatusDto> {
    const { healthy, response_time_ms } = await this.dependencies.readDatabase();
    const { active, pending, disconnected } = this.sockets;
    return {
      api: {
        status: this.shutdown.draining ? 'stopping' : 'running',
        version: VERSION,
        uptime: wholeUptimeSeconds(),
      },
      database: {
        status: healthy ? 'connected' : 'disconnected',
        latency: healthy ? response_time_ms : null,
      },
      sessions: { total: active + pending + disconnected, connected: active, pending, disconnected },
      timestamp: this.now(),
    };
  }

  async metrics(): Promise<HealthMetricsDto> {
    const [database, redis] = await Promise.all([
      this.dependencies.readDatabase(),
      this.dependencies.readRedis(),
    ]);
    return {
      uptime_seconds: uptimeSeconds(),
      timestamp: this.now(),
      system: systemFigures(this.system.latest()),
      database: this.databaseFigures(database),
      redis: { status: redisStatus(redis) },
    };
  }

  private databaseFigures({ healthy }: Dependency): DatabaseFiguresDto {
    const { connections_created, connections_closed, total_queries, failed_queries } = this.statements.counts;
    const share = total_queries === 0 ? 1 : (total_queries - failed_queries) / total_queries;
    return {
      connections_created,
      connections_closed,
      total_queries,
      failed_queries,
      success_rate: Math.round(share * 10_000) / 100,
      status: healthy ? 'up' : 'down',
    };
  }

  private now(): string {
    return this.clock.now().toISOString();
  }
}

function redisStatus(redis: Dependency | undefined): RedisFiguresDto['status'] {
  if (!redis) return 'disabled';
  return redis.healthy ? 'up' : 'down';
}
