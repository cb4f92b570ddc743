import fc from 'fast-check';
import { fastest } from '../../../../test/support/fastest.js';
import { ContextUnion } from './context-union.js';

type Context = Record<string, unknown>;

function unionOf(...contexts: Context[]): Context {
  const union = new ContextUnion();
  for (const context of contexts) union.add(context, JSON.stringify(context).length);
  return union.value;
}

describe('ContextUnion', () => {
  it('unites keys, the newest value wins, objects are merged one level deep', () => {
    const older = { a: 1, user: { id: 1, name: 'bob', deep: { x: 1 } }, list: [1], was: { an: 'object' } };
    const newer = { b: 2, user: { id: 2, deep: { y: 2 } }, list: [2], was: 'text' };
    expect(unionOf(older, newer)).toEqual({
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
        const merged = unionOf(older, newer);
        expect(new Set(Object.keys(merged))).toEqual(new Set([...Object.keys(older), ...Object.keys(newer)]));
        for (const [key, value] of Object.entries(newer))
          if (typeof value === 'number') expect(merged[key]).toBe(value);
        expect(unionOf(merged, newer)).toEqual(merged);
      }),
    );
  });

  it('leaves what it is given as it was', () => {
    const contexts = [
      { a: { x: 1 } },
      { a: { y: 2 } },
      { a: { z: 3 } },
      { a: 1 },
      { a: { w: 4 } },
      { a: { v: 5 } },
    ];
    const before = structuredClone(contexts);
    expect(unionOf(...contexts)).toEqual({ a: { w: 4, v: 5 } });
    expect(contexts).toEqual(before);
  });

  it('gives way to the newest context when it grows beyond 64 kB', () => {
    const large = (key: string): Context => ({ [key]: 'x'.repeat(30_000) });
    expect(Object.keys(unionOf(large('a'), large('b')))).toEqual(['a', 'b']);
    expect(Object.keys(unionOf(large('a'), large('b'), large('c')))).toEqual(['c']);
    expect(Object.keys(unionOf(large('a'), large('b'), large('c'), large('d')))).toEqual(['c', 'd']);
    expect(Object.keys(unionOf(large('a'), { b: 'x'.repeat(70_000) }))).toEqual(['b']);
    expect(unionOf(...Array.from({ length: 20 }, () => large('a')), { b: 1 })).toEqual({
      ...large('a'),
      b: 1,
    });
  });

  it('needs time linear to what came in', () => {
    const contexts = Array.from({ length: 500 }, (_, report) =>
      Object.fromEntries(
        Array.from({ length: 100 }, (__, key) => [
          `key_${report}_${key}`,
          { [`k_${report}_${key}`]: report },
        ]),
      ),
    );
    const nested = contexts.map((context) => ({ all: context }));
    const same = Array.from({ length: 500 }, () => ({ text: 'x'.repeat(60_000), a: 1 }));
    for (const given of [contexts, nested, same]) {
      const sized = given.map((context) => ({ context, length: JSON.stringify(context).length }));
      const spent = fastest(() => {
        const union = new ContextUnion();
        for (const { context, length } of sized) union.add(context, length);
        return union.value;
      });
      expect(spent).toBeLessThan(250);
    }
  });
});
