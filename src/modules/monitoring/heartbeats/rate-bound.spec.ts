import { RateBound } from './rate-bound.js';

describe('a rate bound', () => {
  it('lets a burst pass, then as many a second as it says', () => {
    const bound = new RateBound({ perSecond: 2, burst: 3 });
    const take = (now: number) => bound.take('a', now) === undefined;
    expect([take(0), take(0), take(0), take(0)]).toEqual([true, true, true, false]);
    expect([take(500), take(500)]).toEqual([true, false]);
    expect(bound.take('a', 500)).toBe(1);
    expect(bound.take('b', 500)).toBeUndefined();
  });

  it('is not refilled by asking, nor by a clock that goes back', () => {
    const bound = new RateBound({ perSecond: 1, burst: 1 });
    bound.take('a', 10_000);
    expect(bound.waitOf('a', 10_000)).toBe(1);
    expect(bound.take('a', 0)).toBe(1);
  });

  it('remembers a bounded number of keys', () => {
    const bound = new RateBound({ perSecond: 1, burst: 1 });
    for (let key = 0; key <= 10_000; key++) bound.take(String(key), 0);
    expect(bound.waitOf('0', 0)).toBeUndefined();
    expect(bound.waitOf('1', 0)).toBe(1);
  });
});
