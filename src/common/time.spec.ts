import fc from 'fast-check';
import { parseTime } from './time.js';

describe('parseTime', () => {
  it.each([
    ['2026-11-23T05:18:02.123Z', '2026-11-23T05:18:02.123Z'],
    ['2026-11-23T05:18:02+05:30', '2026-11-22T23:48:02.000Z'],
    ['2026-11-23T05:18', '2026-11-23T05:18:00.000Z'],
    ['2026-11-23', '2026-11-23T00:00:00.000Z'],
    ['2028-02-29', '2028-02-29T00:00:00.000Z'],
  ])('%s is %s, whatever zone the machine is in', (text, expected) => {
    expect(parseTime(text)?.toISOString()).toBe(expected);
  });

  it.each([
    '',
    'yesterday',
    '5',
    '2026',
    '2026-02-30',
    '2026-13-01',
    '2026-01-01T25:00',
    '0000-01-01',
    '-271821-04-20T00:00:00Z',
    '+010000-01-01T00:00:00Z',
    'Mon Nov 23 2026',
  ])('%j is none', (text) => {
    expect(parseTime(text)).toBeUndefined();
  });

  it('reads back what a Date writes', () => {
    const range = {
      min: new Date('0001-01-01T00:00:00Z'),
      max: new Date('9999-12-31T23:59:59Z'),
      noInvalidDate: true,
    };
    fc.assert(fc.property(fc.date(range), (date) => expect(parseTime(date.toISOString())).toEqual(date)));
  });
});
