import type { Tally } from '../tally.js';
import { Facets } from './facets.js';
import { UserSketch } from './user-sketch.js';

const HOUR_MS = 3_600_000;

/** A row of `error_tallies` as the driver hands it over. */
export interface TallyRow {
  entries: string;
  kept: number[];
}

/** What the reports of one group add to its figures. */
export interface GroupSums {
  fingerprint: string;
  /** By hour: milliseconds since the epoch. */
  hours: Map<number, number>;
  facets: Facets;
  users: UserSketch;
}

/** How many reports of an hour and source were counted, and of how many no occurrence was kept. For the loss ledger. */
export interface FoldedCounts {
  hour: Date;
  source: string;
  accepted: number;
  sampled: number;
}

/** One row of `error_counts`. */
export interface HourCount {
  hour: Date;
  source: string;
  environment: string;
  level: string;
  count: number;
}

/** Adds up tallies before anything is written, so that each group is written once. */
export class TallySums {
  readonly groups = new Map<string, GroupSums>();
  /** Facets by source, of all its groups: a sample for completion. */
  readonly sources = new Map<string, Facets>();
  private readonly folded = new Map<string, FoldedCounts>();
  private readonly hours = new Map<string, HourCount>();

  add({ entries, kept }: TallyRow): void {
    (JSON.parse(entries) as Tally[]).forEach((tally, index) => {
      const keptHere = kept[index] ?? -1;
      // It was left out by the statement that stored its flush, and reported again under another group.
      if (keptHere >= 0) this.addTally(tally, keptHere);
    });
  }

  get foldedCounts(): FoldedCounts[] {
    return [...this.folded.values()];
  }

  get hourCounts(): HourCount[] {
    return [...this.hours.values()];
  }

  private addTally(tally: Tally, kept: number): void {
    const hour = tally.t - (tally.t % HOUR_MS);
    this.addToGroup(tally, hour);
    this.addToSource(tally);
    const folded = entry(this.folded, `${hour} ${tally.s}`, () => ({
      hour: new Date(hour),
      source: tally.s,
      accepted: 0,
      sampled: 0,
    }));
    folded.accepted += tally.n;
    folded.sampled += tally.n - kept;
    for (const [environment, level, count] of jointly(tally.e, tally.l)) {
      const key = JSON.stringify([hour, tally.s, environment, level]);
      entry(this.hours, key, () => ({
        hour: new Date(hour),
        source: tally.s,
        environment,
        level,
        count: 0,
      })).count += count;
    }
  }

  private addToGroup(tally: Tally, hour: number): void {
    const group = entry(this.groups, tally.f, () => ({
      fingerprint: tally.f,
      hours: new Map<number, number>(),
      facets: new Facets(),
      users: new UserSketch(),
    }));
    group.hours.set(hour, (group.hours.get(hour) ?? 0) + tally.n);
    group.facets.addTally(tally);
    for (const user of tally.u ?? []) group.users.add(user);
  }

  private addToSource(tally: Tally): void {
    const facets = entry(this.sources, tally.s, () => new Facets());
    facets.addTally(tally);
    facets.add('source', tally.s, tally.n, Math.floor(tally.t / 1_000));
  }
}

/**
 * A tally says how many reports had each environment and how many each level, not which went together. Shared out in
 * order, so that both sums are exact; only reports of one group within milliseconds can be paired wrongly.
 */
export function* jointly(
  environments: Readonly<Record<string, number>>,
  levels: Readonly<Record<string, number>>,
): Generator<[environment: string, level: string, count: number]> {
  const left = Object.entries(levels);
  let [level, open] = left.shift() ?? ['error', 0];
  for (const [environment, number] of Object.entries(environments)) {
    let rest = number;
    while (rest > 0) {
      if (open === 0) [level, open] = left.shift() ?? [level, rest];
      const count = Math.min(rest, open);
      yield [environment, level, count];
      rest -= count;
      open -= count;
    }
  }
}

function entry<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  let value = map.get(key);
  if (value === undefined) map.set(key, (value = make()));
  return value;
}
