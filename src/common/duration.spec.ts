import fc from 'fast-check';
import { formatDuration, parseDuration } from './duration.js';

describe('durations', () => {
  it.each([
    ['1s', 1_000],
    ['90s', 90_000],
    ['5m', 300_000],
    ['1h', 3_600_000],
    ['7d', 604_800_000],
    ['250ms', 250],
  ])('%s is %i ms', (text, milliseconds) => {
    expect(parseDuration(text)).toBe(milliseconds);
  });

  it.each(['', '5', 's', '-1s', '1.5s', '1 s', '1w', '5m5s', '99999999999s'])('%j is none', (text) => {
    expect(parseDuration(text)).toBeUndefined();
  });

  it('come back the same from their shortest spelling', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 10 ** 8 }), (milliseconds) => {
        expect(parseDuration(formatDuration(milliseconds))).toBe(milliseconds);
      }),
    );
  });
});
