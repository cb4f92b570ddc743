import { userKey, type ErrorReport } from './error-report.js';

/** What the reports of one flush add to one group, for figures that may follow later. Short names: it is written often. */
export interface Tally {
  /** Fingerprint of the group, its own even when it is merged into another. */
  f: string;
  /** Source. */
  s: string;
  /** How many reports. */
  n: number;
  /** When: milliseconds since the epoch. */
  t: number;
  /** How many by level, environment ('' when none) and release. */
  l: Record<string, number>;
  e: Record<string, number>;
  r?: Record<string, number>;
  /** Users, as `userKey`. May repeat. */
  u?: string[];
  /** How many by tag and value. */
  g?: Record<string, Record<string, number>>;
}

/** Adds up the reports of one group. */
export function tallyOf(fingerprint: string, at: number, reports: readonly ErrorReport[]): Tally {
  const tally: Tally = {
    f: fingerprint,
    s: reports[0]!.source,
    n: reports.length,
    t: at,
    l: counts(),
    e: counts(),
  };
  for (const report of reports) {
    addTo(tally.l, report.level);
    addTo(tally.e, report.environment ?? '');
    if (report.release !== null) addTo((tally.r ??= counts()), report.release);
    const user = userKey(report);
    if (user !== null) (tally.u ??= []).push(user);
    for (const [tag, value] of Object.entries(report.tags))
      addTo(((tally.g ??= tags())[tag] ??= counts()), value);
  }
  return tally;
}

function addTo(sums: Record<string, number>, name: string): void {
  sums[name] = (sums[name] ?? 0) + 1;
}

/** Without a prototype, which a tag called `__proto__` would otherwise write to. */
function counts(): Record<string, number> {
  return Object.create(null) as Record<string, number>;
}

function tags(): Record<string, Record<string, number>> {
  return Object.create(null) as Record<string, Record<string, number>>;
}
