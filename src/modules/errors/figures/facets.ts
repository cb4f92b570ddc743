import type { Tally } from '../tally.js';

/** Bounds of what is kept of one group. Of a key with more values the rest is known by number only. */
export const MAX_KEYS = 40;
export const MAX_VALUES = 50;
const MAX_KEY_LENGTH = 64;
const MAX_VALUE_LENGTH = 200;
/** A value that was not seen for so long gives its place to a new one. */
const STALE_SECONDS = 86_400;

/** How often, and when last: seconds since the epoch. */
type Seen = [count: number, at: number];
/** As `error_facets.tags` holds it: of each key how often it was there, and its values. */
export type StoredTags = Record<string, { n: number; v: Record<string, Seen> }>;

/** Keys that every report may have: a tag of the same name gives way. */
export const OWN_KEYS: readonly string[] = ['level', 'environment', 'release'];

/** Counts of values by key: level, environment, release and tags. Bounded, so that no reporter can make it grow. */
export class Facets {
  private readonly keys = new Map<string, { total: number; values: Map<string, Seen> }>();

  static from(stored: StoredTags | null): Facets {
    const facets = new Facets();
    for (const [key, { n, v }] of Object.entries(stored ?? {}))
      facets.keys.set(key, { total: n, values: new Map(Object.entries(v)) });
    return facets;
  }

  addTally({ l, e, r, g, t }: Tally): void {
    const at = Math.floor(t / 1_000);
    this.addAll('level', l, at);
    this.addAll('environment', e, at);
    this.addAll('release', r, at);
    for (const [key, values] of Object.entries(g ?? {})) {
      const name = storable(key, MAX_KEY_LENGTH);
      if (!OWN_KEYS.includes(name) && !name.startsWith('?')) this.addAll(name, values, at);
    }
  }

  add(key: string, value: string, count: number, at: number): void {
    if (key === '' || value === '') return;
    let entry = this.keys.get(key);
    if (!entry) {
      if (this.keys.size >= MAX_KEYS) return;
      this.keys.set(key, (entry = { total: 0, values: new Map() }));
    }
    entry.total += count;
    const seen = entry.values.get(value);
    if (seen) entry.values.set(value, [seen[0] + count, Math.max(seen[1], at)]);
    else if (hasRoom(entry.values, at)) entry.values.set(value, [count, at]);
  }

  merge(other: Facets): void {
    for (const [key, { total, values }] of other.keys) {
      let kept = 0;
      for (const [value, [count, at]] of values) {
        this.add(key, value, count, at);
        kept += count;
      }
      const entry = this.keys.get(key);
      if (entry) entry.total += total - kept;
    }
  }

  *entries(): Generator<[key: string, total: number, values: ReadonlyMap<string, Readonly<Seen>>]> {
    for (const [key, { total, values }] of this.keys) yield [key, total, values];
  }

  /** What searches look for. */
  terms(): string[] {
    return [...this.keys].flatMap(([key, { values }]) => [
      hasKey(key),
      ...[...values.keys()].map((value) => term(key, value)),
    ]);
  }

  toStored(): StoredTags {
    return Object.fromEntries(
      [...this.keys].map(([key, { total, values }]) => [key, { n: total, v: Object.fromEntries(values) }]),
    );
  }

  private addAll(key: string, values: Record<string, number> | undefined, at: number): void {
    for (const [value, count] of Object.entries(values ?? {}))
      this.add(key, storable(value, MAX_VALUE_LENGTH), count, at);
  }
}

export function term(key: string, value: string): string {
  return `${key}=${value}`;
}

export function hasKey(key: string): string {
  return `?${key}`;
}

/** Cut to a length, and without what PostgreSQL cannot store. */
function storable(text: string, length: number): string {
  return Buffer.from(text.slice(0, length).replaceAll('\0', '')).toString();
}

function hasRoom(values: Map<string, Seen>, now: number): boolean {
  if (values.size < MAX_VALUES) return true;
  let oldest: string | undefined;
  let at = now - STALE_SECONDS;
  for (const [value, seen] of values)
    if (seen[1] < at) {
      oldest = value;
      at = seen[1];
    }
  return oldest !== undefined && values.delete(oldest);
}
