/** A count over the last while. Whole slices of time leave it at once: it covers between one slice less and all of it. */
export class RecentCount {
  private readonly slices = new Map<number, number>();

  constructor(
    private readonly sliceMs: number,
    private readonly length: number,
  ) {}

  add(count: number, at: number): void {
    const slice = Math.floor(at / this.sliceMs);
    this.slices.set(slice, (this.slices.get(slice) ?? 0) + count);
    if (this.slices.size > this.length) this.forget(at);
  }

  sum(at: number): number {
    this.forget(at);
    let sum = 0;
    for (const count of this.slices.values()) sum += count;
    return sum;
  }

  private forget(at: number): void {
    forgetBefore(this.slices, Math.floor(at / this.sliceMs) - this.length + 1);
  }
}

/** Bounds of the buckets grow by a tenth, from 1 ms to 24 hours: a percentile is at most a tenth too high. */
const GROWTH = Math.log(1.1);
const BUCKETS = Math.ceil(Math.log(86_400_000) / GROWTH) + 1;

/** Percentiles of durations over the last while, in constant memory. */
export class RecentDurations {
  private readonly slices = new Map<number, Uint32Array>();

  constructor(
    private readonly sliceMs: number,
    private readonly length: number,
  ) {}

  add(milliseconds: number, at: number): void {
    const slice = Math.floor(at / this.sliceMs);
    let counts = this.slices.get(slice);
    if (!counts) {
      this.slices.set(slice, (counts = new Uint32Array(BUCKETS)));
      this.forget(at);
    }
    counts[bucketOf(milliseconds)]!++;
  }

  /** The least bucket bound, in milliseconds, that `share` of the durations do not exceed; null when there is none. */
  percentile(share: number, at: number): number | null {
    this.forget(at);
    const counts = new Float64Array(BUCKETS);
    let total = 0;
    for (const slice of this.slices.values()) {
      for (let bucket = 0; bucket < BUCKETS; bucket++) {
        counts[bucket]! += slice[bucket]!;
        total += slice[bucket]!;
      }
    }
    if (total === 0) return null;
    let passed = 0;
    const bucket = counts.findIndex((count) => (passed += count) >= share * total);
    return Math.round(Math.exp(bucket * GROWTH));
  }

  private forget(at: number): void {
    forgetBefore(this.slices, Math.floor(at / this.sliceMs) - this.length + 1);
  }
}

function bucketOf(milliseconds: number): number {
  if (milliseconds <= 1) return 0;
  return Math.min(BUCKETS - 1, Math.ceil(Math.log(milliseconds) / GROWTH - 1e-9));
}

function forgetBefore(slices: Map<number, unknown>, oldest: number): void {
  for (const slice of slices.keys()) if (slice < oldest) slices.delete(slice);
}
