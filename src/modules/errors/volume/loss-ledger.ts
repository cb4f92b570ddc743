import { type BeforeApplicationShutdown, Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import { Counter } from 'prom-client';
import { DataSource } from 'typeorm';
import { Clock } from '../../../common/clock.js';
import type { LedgerOutcome } from '../../../database/entities/error-ledger-entry.entity.js';
import { addToLedger, type LedgerRow, OTHER_SOURCES } from './ledger-store.js';
import { knownReason } from './ledger-words.js';

const FLUSH_MS = 1_000;
const HOUR_MS = 3_600_000;
/** Lines that wait in memory: sources beyond share one. */
const MAX_LINES = 2_000;
/** A source is at most as long as the ones that are stored. */
const MAX_SOURCE = 200;
/** More than a client can have lost between two of its reports. */
const MAX_COUNT = 1_000_000_000;

const lostErrors = new Counter<'outcome' | 'reason'>({
  name: 'watchkeep_errors_lost_total',
  help: 'Error reports that were not stored, by outcome and reason: limited, invalid, forbidden, failed, client_discarded.',
  labelNames: ['outcome', 'reason'],
});

/** Reports that were not stored, and why. Accepted ones are none of this: they come from the tallies. */
export interface Loss {
  source: string;
  outcome: Exclude<LedgerOutcome, 'accepted' | 'sampled'>;
  reason?: string;
  count?: number;
}

/**
 * Adds up what is lost, in memory, and writes it into the ledger every second and at shutdown. A process that is killed
 * forgets up to a second of losses. It never forgets a report that was accepted: those are counted in the transaction
 * that stores them.
 */
@Injectable()
export class LossLedger implements OnModuleInit, BeforeApplicationShutdown {
  private readonly logger = new Logger(LossLedger.name);
  private lines = new Map<string, LedgerRow>();
  private timer: NodeJS.Timeout | undefined;
  private flushing: Promise<void> = Promise.resolve();
  private isBehind = false;

  constructor(
    private readonly dataSource: DataSource,
    private readonly clock: Clock,
  ) {}

  onModuleInit(): void {
    this.timer = setInterval(() => void this.flush(), FLUSH_MS).unref();
  }

  /** Costs a look into a map. Never throws. */
  add({ source, outcome, reason = '', count = 1 }: Loss): void {
    const counted = Math.min(Math.floor(count), MAX_COUNT);
    if (!(counted > 0)) return;
    const known = knownReason(outcome, reason);
    // Nothing is lost of what came twice.
    if (outcome !== 'repeated') lostErrors.inc({ outcome, reason: known }, counted);
    this.addLine({
      at: this.clock.now(),
      source: source.slice(0, MAX_SOURCE),
      outcome,
      reason: known,
      count: counted,
    });
  }

  /** Writes what has gathered. What cannot be written now is written later. */
  flush(): Promise<void> {
    return (this.flushing = this.flushing.then(() => this.write()));
  }

  async beforeApplicationShutdown(): Promise<void> {
    clearInterval(this.timer);
    await this.flush();
  }

  private async write(): Promise<void> {
    if (this.lines.size === 0) return;
    const lines = this.lines;
    this.lines = new Map();
    try {
      await addToLedger(this.dataSource, [...lines.values()]);
      this.isBehind = false;
    } catch (error) {
      for (const line of lines.values()) this.addLine(line);
      if (!this.isBehind) this.logger.warn(`Losses cannot be written down yet: ${(error as Error).message}`);
      this.isBehind = true;
    }
  }

  private addLine(row: LedgerRow): void {
    const key = keyOf(row);
    const line = this.lines.get(key);
    if (line) line.count += row.count;
    else if (this.lines.size < MAX_LINES || row.source === OTHER_SOURCES) this.lines.set(key, row);
    else this.addLine({ ...row, source: OTHER_SOURCES });
  }
}

function keyOf({ at, source, outcome, reason }: LedgerRow): string {
  return `${Math.floor(at.getTime() / HOUR_MS)} ${outcome} ${reason} ${source}`;
}
