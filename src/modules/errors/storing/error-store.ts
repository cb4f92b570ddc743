import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { Clock } from '../../../common/clock.js';
import type { ReportOutcome } from '../dto/error.dto.js';
import { groupBatch, type PendingError } from './error-batch.js';
import { claimId, IdempotencyLedger } from './idempotency-ledger.js';
import { storeErrors } from './store-errors.sql.js';
import { ERROR_COLUMNS, type ErrorRow } from '../stored-error.js';

/** What became of one report, once it is durable. */
export interface WrittenError {
  row: ErrorRow;
  /** How often the error had occurred with this report; `row.count` includes those behind it in the same flush. */
  count: number;
  outcome: ReportOutcome;
}

interface SavedRow extends ErrorRow {
  is_new: boolean;
  is_regression: boolean;
}

const MICROSECONDS = 1_000;

/** Writes batches of reports: one statement a batch, or one transaction when some carry an `Idempotency-Key`. */
@Injectable()
export class ErrorStore {
  private stamp = Math.floor(Math.random() * MICROSECONDS);

  constructor(
    private readonly dataSource: DataSource,
    private readonly ledger: IdempotencyLedger,
    private readonly clock: Clock,
  ) {}

  /** Answers in the order of the items. Everything answered is committed. */
  store(items: readonly PendingError[]): Promise<WrittenError[]> {
    if (!items.some(({ idempotency }) => idempotency)) return this.storeAll(this.dataSource.manager, items);
    return this.dataSource.transaction((manager) => this.storeOnce(manager, items));
  }

  private async storeAll(manager: EntityManager, items: readonly PendingError[]): Promise<WrittenError[]> {
    if (items.length === 0) return [];
    const groups = groupBatch(items);
    const { text, values } = storeErrors(groups, this.flushedAt());
    const rows = await manager.query<SavedRow[]>(text, values);
    const saved = new Map(rows.map((row) => [row.fingerprint, row]));
    const written = new Map<PendingError, WrittenError>();
    for (const { fingerprint, members } of groups) {
      const row = saved.get(fingerprint)!;
      const before = Number(row.count) - members.length;
      members.forEach((item, index) =>
        written.set(item, {
          row,
          count: before + index + 1,
          outcome: index === 0 ? outcomeOf(row) : 'duplicate',
        }),
      );
    }
    return items.map((item) => written.get(item)!);
  }

  /** The keys are claimed before any group is locked, in every process alike: again, nobody waits in a circle. */
  private async storeOnce(manager: EntityManager, items: readonly PendingError[]): Promise<WrittenError[]> {
    const claims = items.flatMap(({ idempotency }) => idempotency ?? []);
    const earlier = await this.ledger.claim(manager, claims, this.clock.now());
    const firsts = new Map<string, PendingError>();
    for (const item of items) {
      const id = item.idempotency && claimId(item.idempotency);
      if (id !== undefined && !earlier.has(id) && !firsts.has(id)) firsts.set(id, item);
    }
    const fresh = items.filter((item) => !item.idempotency || firsts.get(claimId(item.idempotency)) === item);
    const stored = await this.storeAll(manager, fresh);
    const written = new Map(fresh.map((item, index) => [item, stored[index]!]));
    await this.ledger.record(
      manager,
      [...firsts.values()].map((item) => ({ claim: item.idempotency!, errorId: written.get(item)!.row.id })),
    );
    const repeated = await this.load(manager, [...new Set(earlier.values())]);
    return items.map((item) => {
      const own = written.get(item);
      if (own) return own;
      const id = claimId(item.idempotency!);
      const first = firsts.get(id);
      const row = first ? written.get(first)!.row : repeated.get(earlier.get(id)!)!;
      return { row, count: Number(row.count), outcome: 'repeated' };
    });
  }

  private async load(manager: EntityManager, ids: readonly string[]): Promise<Map<string, ErrorRow>> {
    if (ids.length === 0) return new Map();
    const rows = await manager.query<ErrorRow[]>(`SELECT ${ERROR_COLUMNS} FROM errors WHERE id = ANY($1)`, [
      ids,
    ]);
    return new Map(rows.map((row) => [row.id, row]));
  }

  /** The time, to a microsecond that tells this flush from others of the same millisecond. */
  private flushedAt(): string {
    this.stamp = (this.stamp + 1) % MICROSECONDS;
    return this.clock
      .now()
      .toISOString()
      .replace('Z', `${String(this.stamp).padStart(3, '0')}Z`);
  }
}

function outcomeOf(row: SavedRow): ReportOutcome {
  if (row.is_new) return 'new';
  return row.is_regression ? 'regression' : 'duplicate';
}
