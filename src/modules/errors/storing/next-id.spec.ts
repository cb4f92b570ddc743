import { nextId } from './next-id.js';

describe('nextId', () => {
  it('gives UUIDs of version 7, each once, in the order of their milliseconds', () => {
    const before = Date.now();
    const ids = Array.from({ length: 2_000 }, nextId);
    expect(new Set(ids).size).toBe(2_000);
    for (const id of ids)
      expect(id).toMatch(/^[\da-f]{8}-[\da-f]{4}-7[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/);
    const millisecondsOf = (id: string): number => Number.parseInt(id.replaceAll('-', '').slice(0, 12), 16);
    const times = ids.map(millisecondsOf);
    expect(times).toEqual([...times].sort((a, b) => a - b));
    expect(times[0]).toBeGreaterThanOrEqual(before);
  });
});
