import { percent } from './percent.js';

describe('percent', () => {
  it.each([
    [1, 1, 100],
    [999_999, 1_000_000, 99.999],
    [2, 3, 66.666],
    [29, 50, 58],
    [23, 80, 28.75],
    [0, 7, 0],
    [0, 0, null],
  ])('%i of %i', (part, whole, expected) => {
    expect(percent(part, whole)).toBe(expected);
  });
});
