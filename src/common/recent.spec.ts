import fc from 'fast-check';
import { RecentCount, RecentDurations } from './recent.js';

describe('RecentCount', () => {
  it('forgets a slice once it is old enough, and holds no more slices than that', () => {
    const recent = new RecentCount(1_000, 3);
    recent.add(1, 500);
    recent.add(2, 1_500);
    recent.add(4, 2_500);
    expect(recent.sum(2_999)).toBe(7);
    expect(recent.sum(3_000)).toBe(6);
    expect(recent.sum(4_999)).toBe(4);
    recent.add(8, 10_000);
    expect(recent.sum(10_000)).toBe(8);
    expect(recent.sum(13_000)).toBe(0);
  });
});

describe('RecentDurations', () => {
  it('has no percentile of nothing', () => {
    const recent = new RecentDurations(10_000, 6);
    expect(recent.percentile(0.5, 0)).toBeNull();
    recent.add(5, 0);
    expect(recent.percentile(0.5, 59_999)).toBe(5);
    expect(recent.percentile(0.5, 60_000)).toBeNull();
  });

  it('is never too low, and at most a tenth and half a millisecond too high', () => {
    const durations = fc.array(fc.double({ min: 1, max: 3_600_000, noNaN: true }), { minLength: 1 });
    fc.assert(
      fc.property(durations, fc.constantFrom(0.5, 0.95, 0.99, 1), (list, share) => {
        const recent = new RecentDurations(10_000, 6);
        for (const each of list) recent.add(each, 1_000);
        const exact = list.toSorted((a, b) => a - b)[Math.ceil(share * list.length) - 1]!;
        const answer = recent.percentile(share, 1_000)!;
        expect(answer).toBeGreaterThanOrEqual(exact - 0.5);
        expect(answer).toBeLessThanOrEqual(exact * 1.1 + 0.5);
      }),
    );
  });
});
