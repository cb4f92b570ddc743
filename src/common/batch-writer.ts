import { CodedException } from './coded-exception.js';

export interface BatchWriterOptions<Item, Row> {
  /** Names the buffer in messages: `errors`. */
  name: string;
  /**
   * Writes the items in one statement or transaction and answers one row an item, in the same order.
   * A row may be an Error: it is that caller's alone. Throwing fails the whole batch.
   */
  flush: (items: Item[]) => Promise<(Row | Error)[]>;
  /** Most items in one flush. */
  maxBatch: number;
  /** Most items waiting or being written; one more is refused with 503 `OVERLOADED`. */
  maxPending: number;
  /** How long the first item of a batch waits for company, in milliseconds. */
  maxDelayMs: number;
  /**
   * Flushes that may run side by side; one by default. A second one lets the process read requests while the database
   * writes: callers that wait for their answers would otherwise all stand still, and all move, at the same time.
   */
  maxFlushes?: number;
}

interface Waiting<Item, Row> {
  item: Item;
  resolve: (row: Row) => void;
  reject: (reason: unknown) => void;
}

/**
 * Group commit: callers await {@link write}; items that arrive together share one statement and one commit.
 * What `write` resolves to is durable. The buffer is bounded, so that overload is refused, not queued without end.
 */
export class BatchWriter<Item, Row> {
  private waiting: Waiting<Item, Row>[] = [];
  private pending = 0;
  private flushes = 0;
  private timer: NodeJS.Timeout | undefined;
  private idle: (() => void)[] = [];

  constructor(private readonly options: BatchWriterOptions<Item, Row>) {}

  /** Items accepted and not yet durable. */
  get size(): number {
    return this.pending;
  }

  /** @throws CodedException `OVERLOADED` when the buffer is full, or whatever the flush failed with */
  write(item: Item): Promise<Row> {
    if (this.pending >= this.options.maxPending) {
      return Promise.reject(
        new CodedException(
          'OVERLOADED',
          `Too many ${this.options.name} are waiting to be stored. Try again shortly.`,
          undefined,
          1,
        ),
      );
    }
    this.pending++;
    return new Promise<Row>((resolve, reject) => {
      this.waiting.push({ item, resolve, reject });
      this.schedule();
    });
  }

  /** Resolves once everything accepted so far, and whatever joins it meanwhile, is durable or refused. */
  async drain(): Promise<void> {
    if (this.pending === 0) return;
    this.flushNow();
    await new Promise<void>((resolve) => this.idle.push(resolve));
  }

  private schedule(): void {
    if (this.isBusy) return;
    if (this.waiting.length >= this.options.maxBatch) this.flushNow();
    else this.timer ??= setTimeout(() => this.flushNow(), this.options.maxDelayMs);
  }

  private get isBusy(): boolean {
    return this.flushes >= (this.options.maxFlushes ?? 1);
  }

  private flushNow(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    if (this.waiting.length === 0 || this.isBusy) return;
    const batch = this.waiting.splice(0, this.options.maxBatch);
    this.flushes++;
    void this.run(batch).finally(() => this.settled(batch.length));
  }

  private async run(batch: Waiting<Item, Row>[]): Promise<void> {
    try {
      const rows = await this.options.flush(batch.map((entry) => entry.item));
      if (rows.length !== batch.length)
        throw new Error(`${this.options.name}: ${rows.length} rows for ${batch.length} items`);
      batch.forEach((entry, index) => {
        const row = rows[index]!;
        if (row instanceof Error) entry.reject(row);
        else entry.resolve(row);
      });
    } catch (error) {
      for (const entry of batch) entry.reject(error);
    }
  }

  /** A batch that gathered while the last one was written goes at once: waiting longer would only add latency. */
  private settled(count: number): void {
    this.flushes--;
    this.pending -= count;
    if (this.waiting.length > 0) this.flushNow();
    if (this.pending === 0) for (const resolve of this.idle.splice(0)) resolve();
  }
}
