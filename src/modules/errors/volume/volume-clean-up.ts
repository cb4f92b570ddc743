import { Injectable, Logger } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Clock } from '../../../common/clock.js';
import { RetentionReader } from '../../settings/retention.reader.js';
import { ExpiredGroups } from './expired-groups.js';
import { deleteOldest } from './expired-rows.js';
import { type Eviction, OccurrenceEviction } from './occurrence-eviction.js';

const DAY_MS = 86_400_000;
const KEY_RETENTION_MS = DAY_MS;
const LEDGER_RETENTION_MS = 90 * DAY_MS;
const SPIKE_RETENTION_MS = 400 * DAY_MS;
/** How long one run goes on deleting rows while there are more: the next one takes over. */
const BUDGET_MS = 120_000;

export interface VolumeCleanUpReport {
  /** Occurrences dropped with their day, because they were too old or took too much disk. */
  evicted: Record<'age' | 'disk_budget', Eviction>;
  /** Errors that had not been seen for too long. */
  errors: number;
  /** Rows deleted, by table. */
  rows: Record<string, number>;
}

/** Makes room among errors, every few minutes. May run twice. */
@Injectable()
export class VolumeCleanUp {
  private readonly logger = new Logger(VolumeCleanUp.name);

  constructor(
    private readonly dataSource: DataSource,
    private readonly retention: RetentionReader,
    private readonly occurrences: OccurrenceEviction,
    private readonly groups: ExpiredGroups,
    private readonly clock: Clock,
  ) {}

  async cleanUp(): Promise<VolumeCleanUpReport> {
    const policy = await this.retention.policy();
    const report: VolumeCleanUpReport = {
      evicted: await this.occurrences.evict(policy),
      errors: await this.groups.remove(policy),
      rows: await this.deleteRows(),
    };
    const { age, disk_budget } = report.evicted;
    // Event ids go all the time; that is not worth a line.
    if (age.days + disk_budget.days + report.errors > 0)
      this.logger.log({ msg: 'Old errors removed', ...report });
    return report;
  }

  private async deleteRows(): Promise<Record<string, number>> {
    const now = this.clock.now().getTime();
    const isTimeUp = () => this.clock.now().getTime() - now > BUDGET_MS;
    const older = (table: string, column: string, keepMs: number) =>
      deleteOldest(this.dataSource, table, column, new Date(now - keepMs), isTimeUp);
    return {
      idempotency_keys: await older('idempotency_keys', 'created_at', KEY_RETENTION_MS),
      error_ledger: await older('error_ledger', 'hour', LEDGER_RETENTION_MS),
      error_spikes: await older('error_spikes', 'started_at', SPIKE_RETENTION_MS),
    };
  }
}
