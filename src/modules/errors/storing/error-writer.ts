import { type BeforeApplicationShutdown, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { BatchWriter } from '../../../common/batch-writer.js';
import { Clock } from '../../../common/clock.js';
import { CodedException } from '../../../common/coded-exception.js';
import { databaseFailure } from '../../../common/database-failure.js';
import { withPartitions } from '../../../database/partitions.js';
import { Bus } from '../../../realtime/bus.js';
import { MAX_IDS } from '../../../realtime/events.js';
import type { ReportOutcome } from '../dto/error.dto.js';
import type { PendingError } from './error-batch.js';
import { flushDuration, flushSize, receivedErrors, watchBuffer } from '../error-metrics.js';
import { ErrorStore, type WrittenError } from './error-store.js';

const MAX_BATCH = 500;
const MAX_PENDING = 5_000;
/** Text that may wait in memory, in UTF-16 units: a few thousand reports may be 100 kB each. */
const MAX_PENDING_TEXT = 64 * 1024 * 1024;
/** A lone report waits this long for company. Under load a batch gathers while the last one is written. */
const MAX_DELAY_MS = 2;
const MAX_FLUSHES = 2;
const RETRY_AFTER_S = 1;

/** The buffer in front of the database: reports that arrive together are stored together. */
@Injectable()
export class ErrorWriter implements BeforeApplicationShutdown {
  private pendingText = 0;
  private readonly buffer = new BatchWriter<PendingError, WrittenError>({
    name: 'errors',
    flush: (items) => this.flush(items),
    maxBatch: MAX_BATCH,
    maxPending: MAX_PENDING,
    maxDelayMs: MAX_DELAY_MS,
    maxFlushes: MAX_FLUSHES,
  });

  constructor(
    private readonly store: ErrorStore,
    private readonly dataSource: DataSource,
    private readonly bus: Bus,
    private readonly clock: Clock,
  ) {
    watchBuffer(() => this.buffer.size);
  }

  /** Resolves once the report is committed. @throws CodedException `OVERLOADED` when too much is waiting */
  async write(item: PendingError): Promise<WrittenError> {
    const length = lengthOf(item);
    if (this.pendingText + length > MAX_PENDING_TEXT) {
      throw new CodedException(
        'OVERLOADED',
        'Too many errors are waiting to be stored. Try again shortly.',
        undefined,
        RETRY_AFTER_S,
      );
    }
    this.pendingText += length;
    try {
      return await this.buffer.write(item);
    } finally {
      this.pendingText -= length;
    }
  }

  /** The pool is still open then: it closes with `onApplicationShutdown`. */
  async beforeApplicationShutdown(): Promise<void> {
    await this.buffer.drain();
  }

  private async flush(items: PendingError[]): Promise<(WrittenError | Error)[]> {
    flushSize.observe(items.length);
    const stop = flushDuration.startTimer();
    const results = await this.storeOrSplit(items);
    stop();
    this.announce(results);
    return results;
  }

  /**
   * A batch that fails for what is in it is halved until only the culprit fails: nobody loses a report for a neighbour’s.
   * When the database cannot be reached at all, everybody is told so at once.
   */
  private async storeOrSplit(items: PendingError[]): Promise<(WrittenError | Error)[]> {
    try {
      return await this.storeWithPartition(items);
    } catch (error) {
      if (items.length === 1 || databaseFailure(error) === 'unavailable')
        return items.map(() => error as Error);
      const middle = items.length >> 1;
      const first = await this.storeOrSplit(items.slice(0, middle));
      return [...first, ...(await this.storeOrSplit(items.slice(middle)))];
    }
  }

  /** Workers make partitions ahead. When none has run for a week, reports must still find a place. */
  private storeWithPartition(items: PendingError[]): Promise<(WrittenError | Error)[]> {
    return withPartitions(this.dataSource, this.clock.now(), () => this.store.store(items));
  }

  private announce(results: readonly (WrittenError | Error)[]): void {
    const ids: Record<ReportOutcome, string[]> = { new: [], duplicate: [], regression: [], repeated: [] };
    for (const result of results) if (!(result instanceof Error)) ids[result.outcome].push(result.row.id);
    for (const [outcome, { length }] of Object.entries(ids))
      if (length > 0) receivedErrors.inc({ outcome }, length);
    this.publish('errors.created', ids.new);
    this.publish('errors.updated', [...ids.regression, ...unmuted(results)]);
  }

  private publish(event: 'errors.created' | 'errors.updated', ids: readonly string[]): void {
    for (let start = 0; start < ids.length; start += MAX_IDS) {
      void this.bus.publish(event, { ids: ids.slice(start, start + MAX_IDS) });
    }
  }
}

/** Regressions are told of anyway. */
function unmuted(results: readonly (WrittenError | Error)[]): string[] {
  return results.flatMap((result) =>
    !(result instanceof Error) && result.isUnmuted && result.outcome !== 'regression' ? [result.row.id] : [],
  );
}

function lengthOf({ report, contextJson }: PendingError): number {
  return report.message.length + (report.stack_trace?.length ?? 0) + contextJson.length;
}
