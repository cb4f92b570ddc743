import { isOver, SpikeWatch, type WatchedSource } from './spike-watch.js';

const NOON = Date.UTC(2026, 10, 23, 12);
const MINUTE = 60_000;

function watched(watch: SpikeWatch, source: string, limit: number): WatchedSource {
  watch.count(source, NOON);
  const [found] = watch.busy(1, NOON).filter((each) => each.source === source);
  found!.limit = limit;
  return found!;
}

describe('watching for floods', () => {
  it('takes nothing for too much while it does not know what is usual', () => {
    const watch = new SpikeWatch();
    for (let n = 0; n < 10_000; n++) expect(watch.count('api', NOON)).toBeUndefined();
  });

  it('answers a source beyond its limit, until the minute is over', () => {
    const watch = new SpikeWatch();
    watched(watch, 'api', 3);
    expect([1, 2, 3, 4].map(() => watch.count('api', NOON + 1) !== undefined)).toEqual([
      false,
      false,
      true,
      true,
    ]);
    expect(watch.count('web', NOON + 1)).toBeUndefined();
    expect(watch.count('api', NOON + MINUTE)).toBeUndefined();
  });

  it('counts what came to other processes', () => {
    const watch = new SpikeWatch();
    const api = watched(watch, 'api', 3);
    api.elsewhere = 2;
    expect(isOver(api)).toBe(false);
    expect(watch.count('api', NOON)).toBe(api);
    expect(watch.count('api', NOON + MINUTE)).toBeUndefined();
    expect(api.elsewhere).toBe(0);
  });

  it('lets the first of a new group through, 60 a minute, and none that it knows', () => {
    const watch = new SpikeWatch();
    const api = watched(watch, 'api', 1);
    watch.remember('known');
    expect(watch.letsThrough(api, 'known')).toBe(false);
    for (let n = 0; n < 60; n++) {
      expect(watch.mayLetThrough(api)).toBe(true);
      expect(watch.letsThrough(api, `new ${n}`)).toBe(true);
      watch.remember(`new ${n}`);
      if (n < 59) expect(watch.letsThrough(api, `new ${n}`)).toBe(false);
    }
    expect(watch.mayLetThrough(api)).toBe(false);
    expect(watch.letsThrough(api, 'new 60')).toBe(false);
  });

  it('remembers the latest groups, and not without end', () => {
    const watch = new SpikeWatch();
    const api = watched(watch, 'api', 1);
    for (let n = 0; n < 30_000; n++) watch.remember(`group ${n}`);
    expect(watch.letsThrough(api, 'group 29999')).toBe(false);
    expect(watch.letsThrough(api, 'group 10001')).toBe(false);
    for (let n = 30_000; n < 70_000; n++) watch.remember(`group ${n}`);
    expect(watch.letsThrough(api, 'group 10001')).toBe(true);
  });

  it('watches a thousand sources at once, and forgets them when they fall silent', () => {
    const watch = new SpikeWatch();
    for (let n = 0; n < 2_000; n++) watch.count(`source ${n}`, NOON);
    expect(watch.busy(1, NOON)).toHaveLength(1_000);
    expect(watch.busy(1, NOON + 2 * MINUTE)).toHaveLength(0);
    watch.count('source 1999', NOON + 2 * MINUTE);
    expect(watch.busy(1, NOON + 2 * MINUTE)).toHaveLength(1);
  });
});
