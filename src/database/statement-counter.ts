import type { Pool } from 'pg';
import type { DataSource, Logger } from 'typeorm';

/** What the pool and the driver of this process have done since it started. */
export interface DatabaseCounts {
  connections_created: number;
  connections_closed: number;
  total_queries: number;
  failed_queries: number;
}

/** Counts real statements and connections: TypeORM reports the former to its logger, the pool emits the latter. */
export class StatementCounter implements Logger {
  readonly counts: DatabaseCounts = {
    connections_created: 0,
    connections_closed: 0,
    total_queries: 0,
    failed_queries: 0,
  };

  watch(dataSource: DataSource): void {
    const pool = (dataSource.driver as unknown as { master: Pool }).master;
    this.counts.connections_created += pool.totalCount;
    pool.on('connect', () => this.counts.connections_created++);
    pool.on('remove', () => this.counts.connections_closed++);
  }

  logQuery(): void {
    this.counts.total_queries++;
  }

  logQueryError(): void {
    this.counts.failed_queries++;
  }

  logQuerySlow(): void {}
  logSchemaBuild(): void {}
  logMigration(): void {}
  log(): void {}
}
