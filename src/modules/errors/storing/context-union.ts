import { isObject } from '../../../common/is-object.js';

type Context = Record<string, unknown>;

/** Bytes of a group’s context beyond which the union gives way to the newest report’s own. */
export const MAX_CONTEXT_BYTES = 65_536;

/**
 * The context of a group after some more reports: the union of all, the newest value of each key wins, objects under the
 * same key are merged one level deep. The statement that stores groups does the same in SQL: see `store-errors.sql.ts`.
 *
 * Grows in place, and is measured once for every 64 kB that came in: a flush may bring hundreds of large contexts.
 */
export class ContextUnion {
  private merged: Context = {};
  private newest: { context: Context; length: number } = { context: {}, length: 0 };
  /** Keys of `merged` whose objects are copies, which may be changed. */
  private readonly own = new Set<string>();
  private measured = 0;
  private addedSince = 0;

  /** @param length of the context as JSON */
  add(context: Readonly<Context>, length: number): void {
    this.newest = { context, length };
    this.addedSince += length;
    if (length > MAX_CONTEXT_BYTES) return this.startAgain();
    for (const [key, value] of Object.entries(context)) this.set(key, value);
    if (this.addedSince > MAX_CONTEXT_BYTES) this.measure();
  }

  /** The union, or the newest context alone when the union is too large. */
  get value(): Readonly<Context> {
    if (this.measured + this.addedSince > MAX_CONTEXT_BYTES) this.measure();
    return this.merged;
  }

  private set(key: string, value: unknown): void {
    const before = this.merged[key];
    if (!isObject(before) || !isObject(value)) {
      this.own.delete(key);
      this.merged[key] = value;
    } else if (this.own.has(key)) {
      Object.assign(before, value);
    } else {
      this.own.add(key);
      this.merged[key] = { ...before, ...value };
    }
  }

  private measure(): void {
    this.measured = JSON.stringify(this.merged).length;
    this.addedSince = 0;
    if (this.measured > MAX_CONTEXT_BYTES) this.startAgain();
  }

  private startAgain(): void {
    this.merged = { ...this.newest.context };
    this.own.clear();
    this.measured = this.newest.length;
    this.addedSince = 0;
  }
}
