import { BackOff } from './back-off.js';

describe('BackOff', () => {
  it('doubles up to ten seconds, and is quick again after half a minute of health', () => {
    const backOff = new BackOff();
    let now = 0;
    const waits = Array.from({ length: 8 }, () => {
      const wait = backOff.next(now);
      now += wait + 1_000;
      return wait;
    });
    expect(waits).toEqual([250, 500, 1_000, 2_000, 4_000, 8_000, 10_000, 10_000]);
    expect(backOff.next(now + 31_000)).toBe(250);
  });
});
