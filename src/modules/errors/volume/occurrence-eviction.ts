import { Injectable, Logger } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { Clock } from '../../../common/clock.js';
import { formatByteSize } from '../../../common/byte-size.js';
import { dropPartition, partitionsBefore } from '../../../database/partitions.js';
import type { RetentionPolicy } from '../../settings/retention.reader.js';
import { addToLedger } from './ledger-store.js';

type Reason = 'age' | 'disk_budget';

interface EvictedCount {
  source: string;
  count: number;
}

/** Days of occurrences that were dropped, and how many occurrences that were. */
export interface Eviction {
  days: number;
  occurrences: number;
}

/** Drops whole days of occurrences: those that are too old, and the oldest while all together take too much disk. */
@Injectable()
export class OccurrenceEviction {
  private readonly logger = new Logger(OccurrenceEviction.name);
  private isOverBudget = false;

  constructor(
    private readonly dataSource: DataSource,
    private readonly clock: Clock,
  ) {}

  async evict({
    occurrences,
    occurrencesDiskBudget: budget,
  }: Pick<RetentionPolicy, 'occurrences' | 'occurrencesDiskBudget'>): Promise<Record<Reason, Eviction>> {
    const now = this.clock.now();
    const oldest = new Date(now.getTime() - occurrences);
    const expired = await partitionsBefore(this.dataSource, 'error_occurrences', oldest);
    const age = await this.drop(expired, 'age');
    const surplus = budget === null ? [] : await this.surplus(budget, now);
    return { age, disk_budget: await this.drop(surplus, 'disk_budget') };
  }

  /** The oldest days before today that have to go until the rest fits. */
  private async surplus(budget: number, now: Date): Promise<string[]> {
    const sizes = await this.dataSource.query<{ name: string; bytes: number }[]>(
      `SELECT c.relname AS name, pg_total_relation_size(c.oid)::float8 AS bytes
       FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhparent = 'error_occurrences'::regclass`,
    );
    let total = sizes.reduce((sum, { bytes }) => sum + bytes, 0);
    const bytesOf = new Map(sizes.map(({ name, bytes }) => [name, bytes]));
    const surplus: string[] = [];
    for (const name of await partitionsBefore(this.dataSource, 'error_occurrences', now)) {
      if (total <= budget) break;
      surplus.push(name);
      total -= bytesOf.get(name) ?? 0;
    }
    this.tellIfOver(total, budget);
    return surplus;
  }

  /** Once, not with every run. */
  private tellIfOver(total: number, budget: number): void {
    const isOver = total > budget;
    if (isOver && !this.isOverBudget) {
      this.logger.warn(
        `The occurrences of today alone take ${formatByteSize(total)}; the disk budget is ${formatByteSize(budget)}.`,
      );
    }
    this.isOverBudget = isOver;
  }

  private async drop(names: readonly string[], reason: Reason): Promise<Eviction> {
    const eviction: Eviction = { days: 0, occurrences: 0 };
    for (const name of names) {
      const counts = await this.countBySource(name);
      await this.dataSource.transaction((manager) => this.dropCounted(manager, name, counts, reason));
      eviction.days++;
      eviction.occurrences += counts.reduce((sum, { count }) => sum + count, 0);
    }
    return eviction;
  }

  private async dropCounted(
    manager: EntityManager,
    name: string,
    counts: readonly EvictedCount[],
    reason: Reason,
  ): Promise<void> {
    // It fails when somebody else has dropped it meanwhile: they have written it down, too.
    await dropPartition(manager, name);
    const at = this.clock.now();
    await addToLedger(
      manager,
      counts.map(({ source, count }) => ({ at, source, outcome: 'evicted' as const, reason, count })),
    );
  }

  /** A day that is too large to be counted in time is told by its estimate, without its sources. */
  private async countBySource(name: string): Promise<EvictedCount[]> {
    try {
      return await this.dataSource.query<EvictedCount[]>(
        `SELECT coalesce(e.source, '') AS source, sum(o.count)::float8 AS count
         FROM (SELECT error_id, count(*) AS count FROM "${name}" GROUP BY error_id) AS o
         LEFT JOIN errors e ON e.id = o.error_id GROUP BY 1`,
      );
    } catch (error) {
      this.logger.debug(`${name} could not be counted, and is estimated: ${(error as Error).message}`);
      const [row] = await this.dataSource.query<{ count: number }[]>(
        'SELECT greatest(reltuples, 0)::float8 AS count FROM pg_class WHERE oid = to_regclass($1)',
        [name],
      );
      return [{ source: '', count: Math.round(row?.count ?? 0) }];
    }
  }
}
