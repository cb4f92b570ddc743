import { ENDPOINT_STATES, type EndpointState } from '../../../database/entities/endpoint-status.entity.js';

export const DAY_MS = 86_400_000;

/** Milliseconds in each state. */
export type StateTimes = Record<EndpointState, number>;

/** A stretch of time in one state, in milliseconds since the epoch; the last one has no end yet. */
export interface StateInterval {
  state: EndpointState;
  started_at: number;
  ended_at: number | null;
}

export function noTime(): StateTimes {
  return {
    operational: 0,
    degraded: 0,
    partial_outage: 0,
    major_outage: 0,
    maintenance: 0,
    unknown: 0,
  };
}

/** The milliseconds that intervals share with the time from `from` to `to`. */
export function timeInStates(intervals: readonly StateInterval[], from: number, to: number): StateTimes {
  const times = noTime();
  for (const { state, started_at, ended_at } of intervals)
    times[state] += Math.max(0, Math.min(ended_at ?? to, to) - Math.max(started_at, from));
  return times;
}

export function addTimes(a: StateTimes, b: StateTimes): StateTimes {
  return combine(a, b, 1);
}

export function subtractTimes(a: StateTimes, b: StateTimes): StateTimes {
  return combine(a, b, -1);
}

export function totalTime(times: StateTimes): number {
  return ENDPOINT_STATES.reduce((sum, state) => sum + times[state], 0);
}

export function startOfDay(time: number): number {
  return Math.floor(time / DAY_MS) * DAY_MS;
}

/** The first moment of a month (UTC), `offset` months later. */
export function startOfMonth(time: number, offset = 0): number {
  const date = new Date(time);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + offset, 1);
}

/** `2026-01-31`, as PostgreSQL writes dates. */
export function dayName(time: number): string {
  return new Date(time).toISOString().slice(0, 10);
}

/** Days since 1970-01-01. */
export function dayNumber(time: number): number {
  return Math.floor(time / DAY_MS);
}

interface History {
  /** Running totals at the end of days, by {@link dayNumber}; a day that is missing is before the endpoint was made. */
  days: ReadonlyMap<number, StateTimes>;
  /** The midnight that the running totals reach. */
  rolledTo: number;
  /** Intervals that touch the time since. */
  intervals: readonly StateInterval[];
}

/** The time in each state up to any midnight (UTC), and to any moment since the last rolled one. */
export class RunningTotals {
  constructor(private readonly history: History) {}

  /** Time in each state in a window. Both ends are midnights, or not before the last rolled one. */
  between(from: number, to: number): StateTimes {
    return subtractTimes(this.until(to), this.until(from));
  }

  /** The same for each day of a window that begins at a midnight; its last day may be unfinished. */
  days(from: number, to: number): StateTimes[] {
    const days: StateTimes[] = [];
    let before = this.until(from);
    for (let day = from; day < to; day += DAY_MS) {
      const after = this.until(Math.min(day + DAY_MS, to));
      days.push(subtractTimes(after, before));
      before = after;
    }
    return days;
  }

  private until(time: number): StateTimes {
    const { days, rolledTo, intervals } = this.history;
    const rolled = days.get(dayNumber(Math.min(time, rolledTo)) - 1) ?? noTime();
    return time <= rolledTo ? rolled : addTimes(rolled, timeInStates(intervals, rolledTo, time));
  }
}

function combine(a: StateTimes, b: StateTimes, sign: 1 | -1): StateTimes {
  return {
    operational: a.operational + sign * b.operational,
    degraded: a.degraded + sign * b.degraded,
    partial_outage: a.partial_outage + sign * b.partial_outage,
    major_outage: a.major_outage + sign * b.major_outage,
    maintenance: a.maintenance + sign * b.maintenance,
    unknown: a.unknown + sign * b.unknown,
  };
}
