import { Cron } from 'croner';

/** When a maintenance window holds: once, or again and again. */
export interface WindowTimes {
  /** Of a window that holds once, its begin; of a recurring one, nothing begins before. */
  starts_at: Date | null;
  /** Of a window that holds once, its end; of a recurring one, nothing begins or lasts beyond. */
  ends_at: Date | null;
  /** Five fields; null for a window that holds once. */
  cron: string | null;
  duration_ms: number | null;
  /** IANA name of the zone that `cron` is read in. */
  time_zone: string;
  /** When somebody ended what was in effect, ahead of time: what had begun by then lasts until then at most. */
  ended_at: Date | null;
}

/** A stretch of time, `[from, to)`, in milliseconds since the epoch. */
export interface Period {
  from: number;
  to: number;
  /** It goes on beyond `to`, for longer than is looked ahead. */
  open?: true;
}

/** How many overlapping occurrences in a row are followed. More have no end in sight. */
const MAX_LINKS = 200;

/** @throws Error when the expression is none, or has other than five fields. */
export function parseCron(expression: string, timeZone: string): Cron {
  // The library also takes names such as @daily, and `?` for the moment of reading: another one in every process.
  if (/[?@]/.test(expression)) throw new Error('? and @ have no place in five fields');
  return new Cron(expression.trim(), {
    timezone: timeZone,
    mode: '5-part',
    // A list of times is a list of appointments: one that falls into the hour that spring skips takes place after it.
    fixedTimeRule: 'no-wildcard',
  });
}

/**
 * The first period of a window that ends after `time`. Occurrences that overlap or touch are one period. An occurrence
 * lasts its duration in elapsed time, whatever the clocks on the wall do meanwhile.
 */
export function periodAfter(window: WindowTimes, time: number): Period | undefined {
  if (window.cron === null) return onlyPeriod(window, time);
  const { cron, duration } = recurrence(window);
  for (const era of erasOf(window)) {
    const period = periodInEra(new Starts(cron, era), duration, era, time);
    if (period) return period;
  }
  return undefined;
}

/** The periods of a window that share time with `[from, to]`. */
export function periodsBetween(window: WindowTimes, from: number, to: number): Period[] {
  const periods: Period[] = [];
  let period = periodAfter(window, from);
  while (period && period.from <= to) {
    periods.push(period);
    period = periodAfter(window, period.to);
  }
  return periods;
}

/** Up to `count` periods that begin after `time`. */
export function upcomingPeriods(window: WindowTimes, time: number, count: number): Period[] {
  const periods: Period[] = [];
  let period = periodAfter(window, time);
  while (period && periods.length < count) {
    if (period.from > time) periods.push(period);
    period = period.open ? undefined : periodAfter(window, period.to);
  }
  return periods;
}

/** When the window next comes into effect or ceases to be; undefined when it is over. */
export function nextEdge(window: WindowTimes, time: number): number | undefined {
  const period = periodAfter(window, time);
  return period && (period.from > time ? period.from : period.to);
}

/** The time after which it never holds again; null when there is none, undefined when it never holds at all. */
export function overAt(window: WindowTimes): number | null | undefined {
  if (window.cron === null) return endOfOnly(window);
  const { cron, duration } = recurrence(window);
  for (const era of erasOf(window).toReversed()) {
    const starts = new Starts(cron, era);
    if (starts.first(era.first) === undefined) continue;
    if (era.until === Infinity) return null;
    return Math.min(starts.last(era.until - 1)! + duration, era.until);
  }
  return undefined;
}

/** Occurrences that begin in `[first, until)`; none lasts beyond `until`. */
interface Era {
  first: number;
  until: number;
}

/** What was ended ahead of time, and what begins afterwards, never touch. */
function erasOf({ starts_at, ends_at, ended_at }: WindowTimes): Era[] {
  const first = starts_at?.getTime() ?? -Infinity;
  const until = ends_at?.getTime() ?? Infinity;
  if (!ended_at) return [{ first, until }];
  const ended = ended_at.getTime();
  return [
    { first, until: Math.min(ended, until) },
    { first: Math.max(first, ended + 1), until },
  ];
}

/** The times at which occurrences of an era begin. */
class Starts {
  constructor(
    private readonly cron: Cron,
    private readonly era: Era,
  ) {}

  /** The first at `time` or later. */
  first(time: number): number | undefined {
    const from = Math.max(time, this.era.first);
    const found = this.cron.nextRun(new Date(Number.isFinite(from) ? from - 1 : 0))?.getTime();
    return found !== undefined && found < this.era.until ? found : undefined;
  }

  /** The last at `time` or earlier. */
  last(time: number): number | undefined {
    const to = Math.min(time, this.era.until - 1);
    // Runs lie on whole minutes, and the library looks at whole seconds before the given one.
    const [found] = this.cron.previousRuns(1, new Date(Math.floor(to / 1_000) * 1_000 + 1_000));
    const start = found?.getTime();
    return start !== undefined && start >= this.era.first ? start : undefined;
  }
}

function periodInEra(starts: Starts, duration: number, era: Era, time: number): Period | undefined {
  if (era.until <= time) return undefined;
  const begun = starts.last(time);
  const start = begun !== undefined && begun + duration > time ? begun : starts.first(time);
  if (start === undefined) return undefined;
  const { to, open } = followOn(starts, duration, start);
  return {
    from: followBack(starts, duration, start),
    to: Math.min(to, era.until),
    ...(open && to < era.until && { open }),
  };
}

function followBack(starts: Starts, duration: number, start: number): number {
  let from = start;
  for (let links = 0; links < MAX_LINKS; links++) {
    const earlier = starts.first(from - duration);
    if (earlier === undefined || earlier >= from) break;
    from = earlier;
  }
  return from;
}

function followOn(starts: Starts, duration: number, start: number): { to: number; open?: true } {
  let last = start;
  for (let links = 0; links < MAX_LINKS; links++) {
    const later = starts.last(last + duration);
    if (later === undefined || later <= last) return { to: last + duration };
    last = later;
  }
  return { to: last + duration, open: true };
}

function onlyPeriod(window: WindowTimes, time: number): Period | undefined {
  const period = { from: window.starts_at!.getTime(), to: endOfOnly(window) };
  return period.to > Math.max(time, period.from) ? period : undefined;
}

function endOfOnly({ ends_at, ended_at }: WindowTimes): number {
  return Math.min(ends_at!.getTime(), ended_at?.getTime() ?? Infinity);
}

function recurrence({ cron, duration_ms, time_zone }: WindowTimes): { cron: Cron; duration: number } {
  return { cron: parseCron(cron!, time_zone), duration: duration_ms! };
}
