import fc from 'fast-check';
import {
  bucketOf,
  countOf,
  histogramOf,
  quantile,
  RELATIVE_ERROR,
  SMALLEST_MS,
  valueOf,
} from './histogram.js';

const responseTime = fc.double({ min: SMALLEST_MS, max: 120_000, noNaN: true });

/** The value of the nearest rank. */
function exactQuantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(1, Math.ceil(share * sorted.length)) - 1]!;
}

describe('buckets', () => {
  it('stand for every value in them within the error', () => {
    fc.assert(
      fc.property(responseTime, (ms) => {
        expect(Math.abs(valueOf(bucketOf(ms)) - ms) / ms).toBeLessThanOrEqual(RELATIVE_ERROR + 1e-9);
      }),
    );
  });

  it('ascend with their values, and fit a smallint', () => {
    fc.assert(
      fc.property(responseTime, responseTime, (a, b) => {
        expect(Math.sign(bucketOf(b) - bucketOf(a)) * Math.sign(b - a)).toBeGreaterThanOrEqual(0);
      }),
    );
    expect(bucketOf(0)).toBe(bucketOf(SMALLEST_MS));
    expect(bucketOf(Number.MAX_VALUE)).toBeLessThan(32_767);
  });
});

describe('quantiles', () => {
  it('are within the error of the exact ones', () => {
    fc.assert(
      fc.property(
        fc.array(responseTime, { minLength: 1, maxLength: 300 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (values, share) => {
          const exact = exactQuantile(values, share);
          const estimate = quantile(histogramOf(values), share)!;
          expect(Math.abs(estimate - exact) / exact).toBeLessThanOrEqual(RELATIVE_ERROR + 1e-9);
        },
      ),
    );
  });

  it('do not exist without values', () => {
    expect(quantile(histogramOf([]), 0.5)).toBeNull();
    expect(countOf(histogramOf([]))).toBe(0);
  });
});
