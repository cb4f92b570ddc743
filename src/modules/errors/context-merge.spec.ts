import fc from 'fast-check';
import { mergeContexts } from './context-merge.js';

describe('mergeContexts', () => {
  it('unites keys, the newest value wins, objects are merged one level deep', () => {
    const older = { a: 1, user: { id: 1, name: 'bob', deep: { x: 1 } }, list: [1], was: { an: 'object' } };
    const newer = { b: 2, user: { id: 2, deep: { y: 2 } }, list: [2], was: 'text' };
    expect(mergeContexts(older, newer)).toEqual({
      a: 1,
      b: 2,
      user: { id: 2, name: 'bob', deep: { y: 2 } },
      list: [2],
      was: 'text',
    });
  });

  it('has every key of both, and every value that is no object from the newer', () => {
    const context = fc.dictionary(
      fc.constantFrom('a', 'b', 'c', 'd'),
      fc.oneof(fc.integer(), fc.dictionary(fc.constantFrom('x', 'y'), fc.integer())),
    );
    fc.assert(
      fc.property(context, context, (older, newer) => {
        const merged = mergeContexts(older, newer);
        expect(new Set(Object.keys(merged))).toEqual(new Set([...Object.keys(older), ...Object.keys(newer)]));
        for (const [key, value] of Object.entries(newer))
          if (typeof value === 'number') expect(merged[key]).toBe(value);
        expect(mergeContexts(merged, newer)).toEqual(merged);
      }),
    );
  });
});
