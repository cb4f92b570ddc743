const MINUTE_MS = 60_000;

/** Counts by name within the running minute of the clock. Names beyond `maxNames` are not counted. */
export class MinuteCounts {
  private counts = new Map<string, number>();
  private minute = 0;

  constructor(private readonly maxNames: number) {}

  /** Counts one more unless that were more than `limit`, and says whether it did. */
  take(name: string, limit: number, now: number): boolean {
    this.turn(now);
    const count = this.counts.get(name) ?? 0;
    if (count >= limit) return false;
    if (count > 0 || this.counts.size < this.maxNames) this.counts.set(name, count + 1);
    return true;
  }

  count(name: string, now: number): number {
    this.turn(now);
    return this.counts.get(name) ?? 0;
  }

  private turn(now: number): void {
    const minute = minuteOf(now);
    if (minute === this.minute) return;
    this.minute = minute;
    if (this.counts.size > 0) this.counts = new Map();
  }
}

export function minuteOf(now: number): number {
  return Math.floor(now / MINUTE_MS);
}

/** Whole seconds until the next minute begins, from 1 to 60. */
export function secondsLeft(now: number): number {
  return Math.ceil((MINUTE_MS - (now % MINUTE_MS)) / 1_000);
}
