import { formatByteSize, parseByteSize } from './byte-size.js';

describe('sizes', () => {
  it.each([
    ['1B', 1],
    ['500MB', 500e6],
    ['10GB', 10e9],
    ['1.5 GiB', 1.5 * 2 ** 30],
    ['2TB', 2e12],
  ])('reads %s', (text, bytes) => expect(parseByteSize(text)).toBe(bytes));

  it.each(['', '10', 'GB', '-1GB', '1e3MB', '10 G', '10gb', '1,5GB', '9999999999GB'])('refuses %o', (text) =>
    expect(parseByteSize(text)).toBeUndefined(),
  );

  it.each([
    [12, '12 B'],
    [1_500, '1.5 kB'],
    [10e9, '10.0 GB'],
    [2.25e12, '2.3 TB'],
  ])('writes %d for people', (bytes, text) => expect(formatByteSize(bytes)).toBe(text));
});
