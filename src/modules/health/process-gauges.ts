import { Injectable, type OnModuleInit } from '@nestjs/common';
import type { Pool } from 'pg';
import { collectDefaultMetrics, register } from 'prom-client';
import { DataSource } from 'typeorm';
import { SystemUsage } from '../../common/system-usage.js';
import { StatementCounter } from '../../database/statement-counter.js';
import { registerCounter, registerGauge } from './metric-registration.js';

const PREFIX = 'watchkeep_';

/** What every process shows of itself: Node’s own figures, the connection pool, the machine. All read at scrape time. */
@Injectable()
export class ProcessGauges implements OnModuleInit {
  constructor(
    private readonly dataSource: DataSource,
    private readonly statements: StatementCounter,
    private readonly system: SystemUsage,
  ) {}

  onModuleInit(): void {
    if (!register.getSingleMetric(`${PREFIX}process_start_time_seconds`))
      collectDefaultMetrics({ prefix: PREFIX });
    this.registerPool();
    this.registerStatements();
    this.registerSystem();
  }

  private registerPool(): void {
    const { master: pool } = this.dataSource.driver as unknown as { master: Pool };
    registerGauge({
      name: `${PREFIX}database_pool_connections`,
      help: 'Connections of the pool to PostgreSQL, by what they do.',
      labelNames: ['state'] as const,
      collect() {
        this.set({ state: 'busy' }, pool.totalCount - pool.idleCount);
        this.set({ state: 'idle' }, pool.idleCount);
      },
    });
    registerGauge({
      name: `${PREFIX}database_pool_waiting`,
      help: 'Callers that wait for a connection of the pool.',
      collect() {
        this.set(pool.waitingCount);
      },
    });
  }

  private registerStatements(): void {
    const { counts } = this.statements;
    registerCounter({
      name: `${PREFIX}database_queries_total`,
      help: 'Statements sent to PostgreSQL, by outcome.',
      labelNames: ['outcome'] as const,
      collect() {
        this.reset();
        this.inc({ outcome: 'ok' }, counts.total_queries - counts.failed_queries);
        this.inc({ outcome: 'failed' }, counts.failed_queries);
      },
    });
    registerCounter({
      name: `${PREFIX}database_connections_created_total`,
      help: 'Connections to PostgreSQL opened by the pool.',
      collect() {
        this.reset();
        this.inc(counts.connections_created);
      },
    });
  }

  private registerSystem(): void {
    const { system } = this;
    registerGauge({
      name: `${PREFIX}system_used_percent`,
      help: 'Share of the machine, or of the limits of the container, that is in use.',
      labelNames: ['resource'] as const,
      collect() {
        const { cpu_percent, memory_percent, disk_percent } = system.latest();
        this.set({ resource: 'cpu' }, cpu_percent);
        this.set({ resource: 'memory' }, memory_percent);
        this.set({ resource: 'disk' }, disk_percent);
      },
    });
  }
}
