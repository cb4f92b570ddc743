import fc from 'fast-check';
import { GROUPING_VERSION, groupingOf } from './fingerprint.js';

const base = {
  message: 'Order 17 of user 42 failed after 120ms',
  stack_trace: 'Error: x\n    at pay (/srv/app/pay.js:10:5)\n    at buy (/srv/app/buy.js:7:1)',
  source: 'backend',
};

describe('groupingOf', () => {
  it('is the same for errors that differ in ids, numbers and line numbers', () => {
    const other = {
      message: 'Order 9 of user 1234 failed after 3s',
      stack_trace: 'Error: y\n    at pay (/opt/shop/pay.js:99:1)\n    at buy (/opt/shop/buy.js:1:22)',
      source: 'backend',
    };
    expect(groupingOf(other)).toEqual(groupingOf(base));
  });

  it.each([
    ['the message', { message: 'Refund 17 of user 42 failed after 120ms' }],
    ['the frames', { stack_trace: 'at ship (/srv/app/ship.js:10:5)' }],
    ['the presence of a stack', { stack_trace: null }],
    ['the source', { source: 'frontend' }],
  ])('differs with %s', (_, change) => {
    expect(groupingOf({ ...base, ...change }).fingerprint).not.toBe(groupingOf(base).fingerprint);
  });

  it('carries its version and the text that was hashed', () => {
    expect(groupingOf(base)).toEqual({
      fingerprint: expect.stringMatching(/^[\da-f]{32}$/),
      version: GROUPING_VERSION,
      text: 'v2 backend\nmessage: Order ‹number› of user ‹number› failed after ‹duration›\nframe: pay (pay.js)\nframe: buy (buy.js)',
    });
  });

  it('keeps its value: a change here needs a new GROUPING_VERSION', () => {
    expect(groupingOf(base).fingerprint).toMatchInlineSnapshot(`"9dd45d4999385f0f98ddf75e649942c1"`);
  });

  it('cannot be confused by line feeds: parts do not run into each other', () => {
    const one = groupingOf({ message: 'a', stack_trace: 'b', source: 's' });
    expect(groupingOf({ message: 'a\nb', source: 's' }).fingerprint).not.toBe(one.fingerprint);
    expect(groupingOf({ message: 'b', source: 's\na' }).fingerprint).not.toBe(one.fingerprint);
  });

  it('gives any error one', () => {
    const any = fc.record({
      message: fc.string({ unit: 'binary' }),
      stack_trace: fc.option(fc.string({ unit: 'binary' })),
      source: fc.string({ unit: 'binary' }),
    });
    fc.assert(fc.property(any, (error) => expect(groupingOf(error)).toEqual(groupingOf({ ...error }))));
  });
});
