import { Inject, Injectable, Logger } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Clock } from '../../common/clock.js';
import { CONFIG, type Config } from '../../config/config.js';
import { dropPartitionsBefore, ensurePartitions } from '../../database/partitions.js';

const DAY_MS = 86_400_000;
/** Rows that one statement deletes: small enough that nobody waits for its locks. */
const BATCH = 1_000;

/** Rows that are deleted once a time in them is this old. */
interface Expiry {
  table: string;
  column: string;
  keepMs: number;
}

export interface CleanUpReport {
  /** Day partitions dropped. */
  partitions: number;
  /** Rows deleted, by table. */
  rows: Record<string, number>;
}

type Settings = Pick<
  Config,
  'CHECK_RETENTION' | 'ROLLUP_RETENTION' | 'OCCURRENCE_RETENTION' | 'METRICS_RETENTION'
>;

/** Makes room: coming partitions are made, expired ones dropped, other old rows deleted a few at a time. */
@Injectable()
export class RetentionService {
  private readonly logger = new Logger(RetentionService.name);
  private readonly expiries: readonly Expiry[];

  constructor(
    private readonly dataSource: DataSource,
    private readonly clock: Clock,
    @Inject(CONFIG) private readonly config: Settings,
  ) {
    this.expiries = [
      { table: 'system_metrics', column: 'at', keepMs: config.METRICS_RETENTION },
      { table: 'idempotency_keys', column: 'created_at', keepMs: DAY_MS },
      { table: 'sessions', column: 'expires_at', keepMs: 0 },
      // Only closed intervals have an end: the one that an endpoint is in stays, however old.
      { table: 'endpoint_state_intervals', column: 'ended_at', keepMs: 400 * DAY_MS },
      { table: 'error_hours', column: 'hour', keepMs: 90 * DAY_MS },
      { table: 'check_hours', column: 'started_at', keepMs: config.ROLLUP_RETENTION },
    ];
  }

  async cleanUp(): Promise<CleanUpReport> {
    const now = this.clock.now();
    await ensurePartitions(this.dataSource, now);
    const report: CleanUpReport = { partitions: await this.dropPartitions(now), rows: {} };
    for (const expiry of this.expiries) report.rows[expiry.table] = await this.deleteExpired(expiry, now);
    if (isEmpty(report)) this.logger.debug('No old data to remove');
    else this.logger.log({ msg: 'Old data removed', ...report });
    return report;
  }

  private async dropPartitions(now: Date): Promise<number> {
    const { CHECK_RETENTION, OCCURRENCE_RETENTION } = this.config;
    const checks = await dropPartitionsBefore(this.dataSource, 'checks', before(now, CHECK_RETENTION));
    return (
      checks +
      (await dropPartitionsBefore(this.dataSource, 'error_occurrences', before(now, OCCURRENCE_RETENTION)))
    );
  }

  private async deleteExpired({ table, column, keepMs }: Expiry, now: Date): Promise<number> {
    const statement = `DELETE FROM ${table} WHERE ctid = ANY(ARRAY(
      SELECT ctid FROM ${table} WHERE ${column} < $1 LIMIT ${BATCH} FOR UPDATE SKIP LOCKED))`;
    let total = 0;
    for (;;) {
      const [, deleted] = await this.dataSource.query<[unknown, number]>(statement, [before(now, keepMs)]);
      total += deleted;
      if (deleted < BATCH) return total;
    }
  }
}

function isEmpty({ partitions, rows }: CleanUpReport): boolean {
  return partitions === 0 && Object.values(rows).every((count) => count === 0);
}

function before(now: Date, milliseconds: number): Date {
  return new Date(now.getTime() - milliseconds);
}
