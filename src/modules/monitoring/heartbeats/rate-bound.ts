const MAX_KEYS = 10_000;

interface Bucket {
  tokens: number;
  at: number;
}

/** A token bucket for each key, in this process. Keys that were not used longest are forgotten: they are full again. */
export class RateBound {
  private readonly buckets = new Map<string, Bucket>();

  constructor(private readonly limits: { perSecond: number; burst: number }) {}

  /**
   * Takes one token, when there is one.
   * @param now milliseconds since the epoch
   * @returns undefined, or the seconds after which there is one
   */
  take(key: string, now: number): number | undefined {
    const tokens = this.tokensOf(key, now);
    const wait = this.waitFor(tokens);
    this.remember(key, { tokens: wait === undefined ? tokens - 1 : tokens, at: now });
    return wait;
  }

  /** The same without taking it. */
  waitOf(key: string, now: number): number | undefined {
    return this.waitFor(this.tokensOf(key, now));
  }

  private tokensOf(key: string, now: number): number {
    const { perSecond, burst } = this.limits;
    const known = this.buckets.get(key);
    if (!known) return burst;
    return Math.min(burst, known.tokens + (Math.max(0, now - known.at) / 1_000) * perSecond);
  }

  private waitFor(tokens: number): number | undefined {
    return tokens >= 1 ? undefined : Math.ceil((1 - tokens) / this.limits.perSecond);
  }

  private remember(key: string, bucket: Bucket): void {
    this.buckets.delete(key);
    this.buckets.set(key, bucket);
    if (this.buckets.size > MAX_KEYS) this.buckets.delete(this.buckets.keys().next().value!);
  }
}
