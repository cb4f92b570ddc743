import fc from 'fast-check';
import type { Principal } from '../../../common/access.js';
import { RateLimitExceeded, rateLimitHeaders } from '../../../common/rate-limit.js';
import { MinuteCounts, secondsLeft } from './minute-counts.js';
import { ReportLimits } from './report-limits.js';

const MINUTE = 60_000;
const NOON = Date.UTC(2026, 10, 23, 12);

function key(id: string, errorsPerMinute?: number | null): Principal {
  return {
    kind: 'api_key',
    id,
    name: id,
    rights: new Set(['report']),
    sources: [],
    ...(errorsPerMinute !== undefined && { errorsPerMinute }),
  };
}

function taken(limits: ReportLimits, principal: Principal, times: number, now: number): number {
  let count = 0;
  for (let n = 0; n < times; n++) {
    try {
      limits.takeKey(principal, now);
      count++;
    } catch (error) {
      expect(error).toBeInstanceOf(RateLimitExceeded);
    }
  }
  return count;
}

describe('limits of reports', () => {
  it('lets a key report so many a minute, and no other key suffer for it', () => {
    const limits = new ReportLimits({ ERROR_LIMIT_PER_KEY: 3, ERROR_LIMIT_PER_GROUP: 0 });
    expect(taken(limits, key('a'), 5, NOON)).toBe(3);
    expect(taken(limits, key('b'), 2, NOON + 1)).toBe(2);
    expect(taken(limits, key('a'), 5, NOON + MINUTE - 1)).toBe(0);
    expect(taken(limits, key('a'), 5, NOON + MINUTE)).toBe(3);
  });

  it('takes the limit of the key itself before that of the instance; zero is none', () => {
    const limits = new ReportLimits({ ERROR_LIMIT_PER_KEY: 3, ERROR_LIMIT_PER_GROUP: 0 });
    expect(taken(limits, key('a', 5), 9, NOON)).toBe(5);
    expect(taken(limits, key('b', 0), 9, NOON)).toBe(9);
    expect(taken(limits, key('c', null), 9, NOON)).toBe(3);
    const none = new ReportLimits({ ERROR_LIMIT_PER_KEY: 0, ERROR_LIMIT_PER_GROUP: 0 });
    expect(taken(none, key('a'), 9, NOON)).toBe(9);
    expect(none.standing(key('a'), NOON)).toBeUndefined();
  });

  it('says what is left, and until when', () => {
    const limits = new ReportLimits({ ERROR_LIMIT_PER_KEY: 3, ERROR_LIMIT_PER_GROUP: 0 });
    taken(limits, key('a'), 2, NOON + 20_500);
    expect(rateLimitHeaders(limits.standing(key('a'), NOON + 20_500)!)).toEqual({
      'RateLimit-Policy': '"errors";q=3;w=60',
      RateLimit: '"errors";r=1;t=40',
    });
    taken(limits, key('a'), 1, NOON + 59_999);
    expect(() => limits.takeKey(key('a'), NOON + 59_999)).toThrow(
      expect.objectContaining({
        code: 'RATE_LIMIT_EXCEEDED',
        reason: 'key',
        retryAfter: 1,
        standing: expect.objectContaining({ remaining: 0 }),
      }),
    );
  });

  it('limits one group, when that is asked for', () => {
    const limits = new ReportLimits({ ERROR_LIMIT_PER_KEY: 0, ERROR_LIMIT_PER_GROUP: 1 });
    limits.takeGroup('one', NOON);
    limits.takeGroup('other', NOON);
    expect(() => limits.takeGroup('one', NOON)).toThrow(expect.objectContaining({ reason: 'group' }));
    limits.takeGroup('one', NOON + MINUTE);
  });
});

describe('counts of a minute', () => {
  it('never holds more names than it may, whatever comes', () => {
    const counts = new MinuteCounts(2);
    expect(['a', 'b', 'c', 'a', 'c', 'c'].map((name) => counts.take(name, 1, NOON))).toEqual([
      true,
      true,
      true,
      false,
      true,
      true,
    ]);
  });

  it('takes at most the limit within a minute of the clock', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5 }),
        fc.array(fc.integer({ min: 0, max: 20_000 }), { maxLength: 60 }),
        (limit, steps) => {
          const counts = new MinuteCounts(10);
          const byMinute = new Map<number, number>();
          let now = NOON;
          for (const step of steps) {
            now += step;
            const minute = Math.floor(now / MINUTE);
            const before = byMinute.get(minute) ?? 0;
            expect(counts.take('a', limit, now)).toBe(before < limit);
            if (before < limit) byMinute.set(minute, before + 1);
          }
        },
      ),
    );
  });

  it('ends a minute within 1 to 60 seconds', () => {
    expect([0, 1, 59_000, 59_001, 59_999].map((ms) => secondsLeft(NOON + ms))).toEqual([60, 60, 1, 1, 1]);
  });
});
