import type { EndpointState } from '../../../database/entities/endpoint-status.entity.js';
import type { StateTimes } from './state-time.js';

export { DAY_MS } from './state-time.js';

/** States that count as up. */
const UP: readonly EndpointState[] = ['operational', 'degraded'];
/** States that count as down. */
const DOWN: readonly EndpointState[] = ['partial_outage', 'major_outage'];

const list = (states: readonly EndpointState[]): string => states.map((state) => `'${state}'`).join(', ');
const columns = (states: readonly EndpointState[], table: string): string =>
  states.map((state) => `${table}.${state}_ms`).join(' + ');

/**
 * `100 × time up ÷ time measured`, to three decimals; null when nothing was measured. Rounded down: 100 means that
 * there was no downtime at all.
 */
export function uptimePercent(upMs: number, knownMs: number): number | null {
  return flooredPercent(upMs, knownMs);
}

export function upTime(times: StateTimes): number {
  return UP.reduce((sum, state) => sum + times[state], 0);
}

/** Time that counts: maintenance was announced, and of unknown nothing was measured. */
export function measuredTime(times: StateTimes): number {
  return DOWN.reduce((sum, state) => sum + times[state], upTime(times));
}

export function uptimeOf(times: StateTimes): number | null {
  return flooredPercent(upTime(times), measuredTime(times));
}

/**
 * `100 × time measured ÷ (time measured + time unknown)`: how much of the time the uptime speaks of. Rounded down like
 * it; null when there was nothing but maintenance.
 */
export function coverageOf(times: StateTimes): number | null {
  const measured = measuredTime(times);
  return flooredPercent(measured, measured + times.unknown);
}

/** In integers: a quotient that is rounded before it is cut off could end one too high. */
function flooredPercent(part: number, whole: number): number | null {
  if (whole <= 0) return null;
  if (part >= whole) return 100;
  return Math.min(99_999, quotient(Math.round(part), Math.max(1, Math.round(whole)))) / 1_000;
}

function quotient(part: number, whole: number): number {
  const scaled = part * 100_000;
  if (!Number.isSafeInteger(scaled)) return Number((BigInt(part) * 100_000n) / BigInt(whole));
  return (scaled - (scaled % whole)) / whole;
}

/** SQL: whether a state counts as up. */
export function isUp(state: string): string {
  return `${state} IN (${list(UP)})`;
}

/** SQL: whether a state counts at all. */
export function isKnown(state: string): string {
  return `${state} IN (${list([...UP, ...DOWN])})`;
}

/** SQL: the milliseconds that a row of `endpoint_state_intervals`, called `i`, shares with a window. */
export function overlapMs(from: string, to: string): string {
  return `greatest(0, date_part('epoch', least(coalesce(i.ended_at, ${to}), ${to}) - greatest(i.started_at, ${from})) * 1000)`;
}

/** SQL: the two sums of {@link uptimePercent} over such rows. */
export function uptimeSums(from: string, to: string): { up: string; known: string } {
  const ms = overlapMs(from, to);
  return {
    up: `coalesce(sum(${ms}) FILTER (WHERE ${isUp('i.state')}), 0)`,
    known: `coalesce(sum(${ms}) FILTER (WHERE ${isKnown('i.state')}), 0)`,
  };
}

/** SQL: the same two sums over rows that hold milliseconds by state. */
export function uptimeColumns(table: string): { up: string; known: string } {
  return { up: columns(UP, table), known: columns([...UP, ...DOWN], table) };
}

/**
 * SQL: the state intervals of all endpoints that touch the time since `from`. Two index scans, over the open ones and
 * over those that ended since: what is older costs nothing.
 */
export function intervalsSince(from: string): string {
  return `(SELECT endpoint_id, state, started_at, ended_at FROM endpoint_state_intervals WHERE ended_at IS NULL
    UNION ALL
    SELECT endpoint_id, state, started_at, ended_at FROM endpoint_state_intervals WHERE ended_at > ${from})`;
}
