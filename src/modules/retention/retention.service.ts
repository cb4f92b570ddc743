import { Injectable, Logger } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Clock } from '../../common/clock.js';
import { dropPartitionsBefore, ensurePartitions } from '../../database/partitions.js';
import { type RetentionPolicy, RetentionReader } from '../settings/retention.reader.js';

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

/** Makes room: coming partitions are made, expired ones dropped, other old rows deleted a few at a time. */
@Injectable()
export class RetentionService {
  private readonly logger = new Logger(RetentionService.name);

  constructor(
    private readonly dataSource: DataSource,
    private readonly clock: Clock,
    private readonly retention: RetentionReader,
  ) {}

  async cleanUp(): Promise<CleanUpReport> {
    const now = this.clock.now();
    await ensurePartitions(this.dataSource, now);
    const policy = await this.retention.policy();
    const partitions = await dropPartitionsBefore(this.dataSource, 'checks', before(now, policy.checks));
    const report: CleanUpReport = { partitions, rows: {} };
    for (const expiry of expiriesOf(policy))
      report.rows[expiry.table] = await this.deleteExpired(expiry, now);
    if (isEmpty(report)) this.logger.debug('No old data to remove');
    else this.logger.log({ msg: 'Old data removed', ...report });
    return report;
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

function expiriesOf({ systemMetrics, responseTimes, occurrences }: RetentionPolicy): Expiry[] {
  return [
    { table: 'system_metrics', column: 'at', keepMs: systemMetrics },
    { table: 'sessions', column: 'expires_at', keepMs: 0 },
    // Only closed intervals have an end: the one that an endpoint is in stays, however old.
    { table: 'endpoint_state_intervals', column: 'ended_at', keepMs: 400 * DAY_MS },
    { table: 'error_last_occurrences', column: 'received_at', keepMs: occurrences },
    { table: 'error_hours', column: 'hour', keepMs: 90 * DAY_MS },
    // By when a stack trace last needed them.
    { table: 'source_maps', column: 'used_at', keepMs: 90 * DAY_MS },
    { table: 'check_hours', column: 'started_at', keepMs: responseTimes },
  ];
}

function isEmpty({ partitions, rows }: CleanUpReport): boolean {
  return partitions === 0 && Object.values(rows).every((count) => count === 0);
}

function before(now: Date, milliseconds: number): Date {
  return new Date(now.getTime() - milliseconds);
}
