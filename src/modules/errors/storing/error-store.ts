import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Clock } from '../../../common/clock.js';
import { CodedException } from '../../../common/coded-exception.js';
import { isDeadlock, isUniqueViolation } from '../../../common/database-failure.js';
import { CONFIG, type Config } from '../../../config/config.js';
import { queryNamed } from '../../../database/named-statement.js';
import type { ReportOutcome } from '../dto/error.dto.js';
import { Aliases } from './aliases.js';
import { groupBatch, type PendingError } from './error-batch.js';
import { earlierReports, onceId } from './once-keys.js';
import { Releases } from './releases.js';
import { SAVED_COLUMNS, type SavedError } from './saved-error.js';
import { STORE_ERRORS, STORE_MERGED_ERRORS } from './store-errors.sql.js';
import { storeParameters } from './store-parameters.js';

/** What became of one report, once it is durable. */
export interface WrittenError {
  row: SavedError;
  /** How often the error had occurred with this report; `row.count` includes those behind it in the same flush. */
  count: number;
  outcome: ReportOutcome;
  /** Whether this report ended a mute. */
  isUnmuted: boolean;
}

type Result = WrittenError | Error;

interface SavedRow extends SavedError {
  is_new: boolean;
  is_regression: boolean;
  is_unmuted: boolean;
}

const STATEMENT = { name: 'store-errors', text: STORE_ERRORS };
const STATEMENT_FOR_MERGED = { name: 'store-merged-errors', text: STORE_MERGED_ERRORS };

const MICROSECONDS = 1_000;
/** Merges and repeated keys make a flush try again; more often than this only if something is wrong. */
const ATTEMPTS = 4;

/** Writes batches of reports, one statement a batch. */
@Injectable()
export class ErrorStore {
  private stamp = Math.floor(Math.random() * MICROSECONDS);

  constructor(
    private readonly dataSource: DataSource,
    private readonly aliases: Aliases,
    private readonly releases: Releases,
    private readonly clock: Clock,
    @Inject(CONFIG) private readonly config: Pick<Config, 'OCCURRENCE_BUDGET'>,
  ) {}

  /** Answers in the order of the items. Everything answered is committed. When it throws, nothing is. */
  async store(items: readonly PendingError[]): Promise<Result[]> {
    await this.releases.learn(versionsOf(items));
    const results = await this.storeOnce(items);
    return items.map((item) => results.get(item)!);
  }

  /** Most keys are new: that they were is found out by storing. Only when one was not, those that were are looked for. */
  private async storeOnce(items: readonly PendingError[]): Promise<Map<PendingError, Result>> {
    const firsts = firstOfEachKey(items);
    const candidates = items.filter((item) => !item.once || firsts.get(onceId(item.once)) === item);
    let earlier = new Map<string, string>();
    for (let attempt = 1; ; attempt++) {
      let results: Map<PendingError, Result>;
      try {
        results = await this.storeFresh(candidates.filter((item) => !isIn(earlier, item)));
      } catch (error) {
        if (!(isUniqueViolation(error) || isDeadlock(error)) || attempt === ATTEMPTS) throw error;
        const keys = items.flatMap(({ once }) => once ?? []);
        earlier = await earlierReports(this.dataSource.manager, keys);
        continue;
      }
      return this.withRepeats(items, results, firsts, earlier);
    }
  }

  /** Reports of a group that has just been merged find nothing to count: where they belong now is looked up. */
  private async storeFresh(items: readonly PendingError[]): Promise<Map<PendingError, Result>> {
    const results = new Map<PendingError, Result>();
    let left = items;
    for (let attempt = 1; left.length > 0 && attempt <= ATTEMPTS; attempt++) {
      if (attempt > 1) await this.aliases.refresh();
      try {
        await this.storeInto(results, left);
      } catch (error) {
        if (attempt === 1) throw error;
        if (isDeadlock(error) && attempt < ATTEMPTS) continue;
        // The others are committed: this failure is theirs alone who are left.
        for (const item of left) results.set(item, error as Error);
      }
      left = left.filter((item) => !results.has(item));
    }
    for (const item of left) results.set(item, regroupedTooOften());
    return results;
  }

  private async storeInto(results: Map<PendingError, Result>, items: readonly PendingError[]): Promise<void> {
    const groups = groupBatch(items, (fingerprint) => this.aliases.of(fingerprint));
    const values = storeParameters(groups, {
      flushedAt: this.flushedAt(),
      budget: this.config.OCCURRENCE_BUDGET,
      firstSeen: (source, release) => this.releases.firstSeen(source, release),
    });
    const isMerged = items.some(({ mergedId }) => mergedId !== undefined);
    const statement = isMerged ? STATEMENT_FOR_MERGED : STATEMENT;
    const rows = await queryNamed<SavedRow>(this.dataSource, statement, values);
    const saved = new Map(rows.map((row) => [row.fingerprint, row]));
    for (const { fingerprint, members } of groups) {
      const row = saved.get(fingerprint);
      if (!row) continue;
      const before = Number(row.count) - members.length;
      members.forEach((item, index) =>
        results.set(item, {
          row,
          count: before + index + 1,
          outcome: index === 0 ? outcomeOf(row) : 'duplicate',
          isUnmuted: index === 0 && row.is_unmuted,
        }),
      );
    }
  }

  private async withRepeats(
    items: readonly PendingError[],
    results: Map<PendingError, Result>,
    firsts: ReadonlyMap<string, PendingError>,
    earlier: ReadonlyMap<string, string>,
  ): Promise<Map<PendingError, Result>> {
    // The others are committed: a failure here is theirs alone who came before.
    const loaded = await this.load([...new Set(earlier.values())]).catch((error: Error) => error);
    const found = (id: string): SavedError | Error =>
      loaded instanceof Error ? loaded : (loaded.get(earlier.get(id)!) ?? regroupedTooOften());
    for (const item of items) {
      if (results.has(item)) continue;
      const id = onceId(item.once!);
      const first = results.get(firsts.get(id)!);
      const row = first instanceof Error ? first : (first?.row ?? found(id));
      results.set(item, row instanceof Error ? row : asRepeated(row));
    }
    return results;
  }

  /** The errors that these are counted under now, by the ids asked for. */
  private async load(ids: readonly string[]): Promise<Map<string, SavedError>> {
    if (ids.length === 0) return new Map();
    const rows = await this.dataSource.query<(SavedError & { asked: string })[]>(
      `SELECT ${SAVED_COLUMNS}, asked
       FROM (SELECT target.*, own.id AS asked FROM errors own
             JOIN errors target ON target.id = coalesce(own.merged_into, own.id)
             WHERE own.id = ANY($1)) AS counted`,
      [ids],
    );
    return new Map(rows.map(({ asked, ...row }) => [asked, row]));
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

function versionsOf(items: readonly PendingError[]): { source: string; release: string }[] {
  return items.flatMap(({ report: { source, release } }) => (release === null ? [] : [{ source, release }]));
}

function firstOfEachKey(items: readonly PendingError[]): Map<string, PendingError> {
  const firsts = new Map<string, PendingError>();
  for (const item of items) {
    const id = item.once && onceId(item.once);
    if (id !== undefined && !firsts.has(id)) firsts.set(id, item);
  }
  return firsts;
}

function isIn(earlier: ReadonlyMap<string, string>, { once }: PendingError): boolean {
  return once !== undefined && earlier.has(onceId(once));
}

function outcomeOf(row: SavedRow): ReportOutcome {
  if (row.is_new) return 'new';
  return row.is_regression ? 'regression' : 'duplicate';
}

function asRepeated(row: SavedError): WrittenError {
  return { row, count: Number(row.count), outcome: 'repeated', isUnmuted: false };
}

function regroupedTooOften(): CodedException {
  return new CodedException('OVERLOADED', 'The error is being regrouped. Try again shortly.', undefined, 1);
}
