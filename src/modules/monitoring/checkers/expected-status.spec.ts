import { isExpectedStatus, isStatusPattern } from './expected-status.js';

describe('expected status codes', () => {
  it.each(['200', '200-299', '100-599', '404-404'])('%s is a pattern', (text) => {
    expect(isStatusPattern(text)).toBe(true);
  });

  it.each(['', '99', '600', '2xx', '299-200', '200-', '-200', '200-299-300', ' 200', '200.5'])(
    '%p is none',
    (text) => {
      expect(isStatusPattern(text)).toBe(false);
    },
  );

  it('includes both ends of a range', () => {
    expect([199, 200, 250, 299, 300].map((code) => isExpectedStatus(['200-299'], code))).toEqual([
      false,
      true,
      true,
      true,
      false,
    ]);
  });
});
