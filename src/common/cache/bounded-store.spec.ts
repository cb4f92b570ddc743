import { BoundedStore } from './bounded-store.js';

describe('BoundedStore', () => {
  it('lets go of what was used longest ago when entries or bytes run out', () => {
    const store = new BoundedStore(1_000, 3, () => 10);
    for (const key of ['a', 'b', 'c']) store.set(key, key);
    store.get('a');
    store.set('d', 'd');
    expect(['a', 'b', 'c', 'd'].filter((key) => store.has(key))).toEqual(['a', 'c', 'd']);
    const heavy = new BoundedStore(1_000, 100, () => 90);
    for (let index = 0; index < 50; index++) heavy.set(`${index}`, index);
    expect(heavy.usedBytes).toBeLessThanOrEqual(1_000);
    expect(heavy.size).toBeGreaterThan(5);
  });

  it('does not keep what would drive out the rest, and counts what it removes', () => {
    const store = new BoundedStore(1_000, 10, (value) => value as number);
    store.set('small', 50);
    store.set('large', 500);
    expect(store.has('large')).toBe(false);
    store.set('small', 60);
    store.delete('small');
    expect(store.usedBytes).toBe(0);
    expect(store.delete('small')).toBe(false);
  });
});
