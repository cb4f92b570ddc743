import { minuteOf } from './minute-counts.js';

/** Sources that are watched at once. */
const MAX_SOURCES = 1_000;
/** Fingerprints that are remembered, to tell a group that is new from those that make up a flood. */
const MAX_FINGERPRINTS = 20_000;
/** Groups that this process has not seen lately are let through a flood, so many a minute and source. */
const MAX_NEW_GROUPS = 60;

/** One source within the running minute. */
export interface WatchedSource {
  source: string;
  minute: number;
  /** Reports that came to this process, refused ones included. */
  reports: number;
  /** Of these, how many other processes have been told of. */
  shared: number;
  /** Reports that came to other processes, as far as is known. */
  elsewhere: number;
  /** Let through although the limit was reached. */
  newGroups: number;
  /** Reports of a minute beyond which is a spike; undefined while it is not known what is usual. */
  limit: number | undefined;
  usual: number;
  /** When `limit` was looked up, in milliseconds since the epoch. */
  lookedUpAt: number;
}

/** Counts reports by source and minute, and says which are too many. Pure: time is handed in. */
export class SpikeWatch {
  private readonly sources = new Map<string, WatchedSource>();
  private fingerprints = new Set<string>();
  private earlier = new Set<string>();

  /** Counts a report, and answers its source when that is beyond its limit. */
  count(source: string, now: number): WatchedSource | undefined {
    const watched = this.sources.get(source) ?? this.watch(source, now);
    if (!watched) return undefined;
    turn(watched, now);
    watched.reports++;
    return isOver(watched) ? watched : undefined;
  }

  /** Whether a report of a source beyond its limit may come in: when its group is new. */
  letsThrough(watched: WatchedSource, fingerprint: string): boolean {
    if (watched.newGroups >= MAX_NEW_GROUPS || this.knows(fingerprint)) return false;
    watched.newGroups++;
    return true;
  }

  /** Whether a report of this source, which is beyond its limit, is worth reading at all. */
  mayLetThrough({ newGroups }: WatchedSource): boolean {
    return newGroups < MAX_NEW_GROUPS;
  }

  /** Remembers the group of a report that comes in. */
  remember(fingerprint: string): void {
    if (this.fingerprints.has(fingerprint)) return;
    if (this.fingerprints.size >= MAX_FINGERPRINTS) {
      this.earlier = this.fingerprints;
      this.fingerprints = new Set();
    }
    this.fingerprints.add(fingerprint);
  }

  /** Sources with at least so many reports in the running minute; those of earlier minutes are forgotten. */
  busy(least: number, now: number): WatchedSource[] {
    const minute = minuteOf(now);
    const busy: WatchedSource[] = [];
    for (const watched of this.sources.values()) {
      // A minute longer, because what is usual need not be looked up every minute.
      if (watched.minute < minute - 1) this.sources.delete(watched.source);
      else if (watched.minute === minute && watched.reports >= least) busy.push(watched);
    }
    return busy;
  }

  private knows(fingerprint: string): boolean {
    return this.fingerprints.has(fingerprint) || this.earlier.has(fingerprint);
  }

  private watch(source: string, now: number): WatchedSource | undefined {
    if (this.sources.size >= MAX_SOURCES) return undefined;
    const watched: WatchedSource = {
      source,
      minute: minuteOf(now),
      reports: 0,
      shared: 0,
      elsewhere: 0,
      newGroups: 0,
      limit: undefined,
      usual: 0,
      lookedUpAt: 0,
    };
    this.sources.set(source, watched);
    return watched;
  }
}

export function isOver({ reports, elsewhere, limit }: WatchedSource): boolean {
  return limit !== undefined && reports + elsewhere > limit;
}

function turn(watched: WatchedSource, now: number): void {
  const minute = minuteOf(now);
  if (minute === watched.minute) return;
  Object.assign(watched, { minute, reports: 0, shared: 0, elsewhere: 0, newGroups: 0 });
}
