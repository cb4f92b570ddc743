/**
 * A sparse logarithmic histogram of response times, after DDSketch (Masson, Rim, Lee: “DDSketch: a fast and
 * fully-mergeable quantile sketch with relative-error guarantees”, VLDB 2019). Bucket i holds the values in
 * (γ^(i-1), γ^i] with γ = (1 + α) ÷ (1 - α); whatever is in it is within α of 2γ^i ÷ (γ + 1). Two histograms are merged
 * by adding up, so that the merged one is exactly that of all the values together.
 */
export interface Histogram {
  /** Buckets that hold anything, ascending. */
  buckets: number[];
  /** How many values each of them holds. */
  counts: number[];
}

/** α: how far a quantile may be off, relative to the true value. */
export const RELATIVE_ERROR = 0.02;
/** Milliseconds; what is smaller counts as this. */
export const SMALLEST_MS = 0.01;

const GAMMA = (1 + RELATIVE_ERROR) / (1 - RELATIVE_ERROR);
const LN_GAMMA = Math.log(GAMMA);

/** The bucket of a response time in milliseconds. */
export function bucketOf(ms: number): number {
  return Math.ceil(Math.log(Math.max(ms, SMALLEST_MS)) / LN_GAMMA);
}

/** The same in SQL; null for null. */
export function bucketSql(ms: string): string {
  // greatest() passes over nulls.
  return `CASE WHEN ${ms} IS NOT NULL THEN ceil(ln(greatest(${ms}::float8, ${SMALLEST_MS})) / ${LN_GAMMA})::smallint END`;
}

/** Milliseconds that stand for everything in a bucket. */
export function valueOf(bucket: number): number {
  return (2 * GAMMA ** bucket) / (GAMMA + 1);
}

export function histogramOf(values: readonly number[]): Histogram {
  return mergeHistograms(values.map((ms) => ({ buckets: [bucketOf(ms)], counts: [1] })));
}

export function mergeHistograms(histograms: readonly Histogram[]): Histogram {
  const merged = new Map<number, number>();
  for (const { buckets, counts } of histograms)
    buckets.forEach((bucket, index) => merged.set(bucket, (merged.get(bucket) ?? 0) + counts[index]!));
  const sorted = [...merged].sort(([a], [b]) => a - b);
  return { buckets: sorted.map(([bucket]) => bucket), counts: sorted.map(([, count]) => count) };
}

export function countOf({ counts }: Histogram): number {
  return counts.reduce((sum, count) => sum + count, 0);
}

/**
 * The value that `share` (0 to 1) of all values do not exceed (nearest rank), in milliseconds, at most
 * {@link RELATIVE_ERROR} off; null when there are none.
 */
export function quantile(histogram: Histogram, share: number): number | null {
  let left = Math.max(1, Math.ceil(share * countOf(histogram)));
  for (const [index, bucket] of histogram.buckets.entries()) {
    left -= histogram.counts[index]!;
    if (left <= 0) return valueOf(bucket);
  }
  return null;
}
