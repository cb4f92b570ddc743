import type { EndpointState } from '../../../database/entities/endpoint-status.entity.js';

export const DAY_MS = 86_400_000;

/** States that count as up. */
const UP: readonly EndpointState[] = ['operational', 'degraded'];
/** States that count as neither up nor down: nothing was measured, or the time was announced. */
const NOT_COUNTED: readonly EndpointState[] = ['unknown', 'maintenance'];

const list = (states: readonly EndpointState[]): string => states.map((state) => `'${state}'`).join(', ');

/**
 * `100 × time up ÷ time measured`, to three decimals; null when nothing was measured. Rounded down: 100 means that
 * there was no downtime at all.
 */
export function uptimePercent(upMs: number, knownMs: number): number | null {
  if (knownMs <= 0) return null;
  return Math.floor(Math.min(1, upMs / knownMs) * 100_000) / 1_000;
}

/** SQL: the milliseconds that a row of `endpoint_state_intervals`, called `i`, shares with a window. */
export function overlapMs(from: string, to: string): string {
  return `greatest(0, extract(epoch FROM least(coalesce(i.ended_at, ${to}), ${to}) - greatest(i.started_at, ${from})) * 1000)::float8`;
}

/** SQL: the two sums of {@link uptimePercent} over such rows. */
export function uptimeSums(from: string, to: string): { up: string; known: string } {
  const ms = overlapMs(from, to);
  return {
    up: `coalesce(sum(${ms}) FILTER (WHERE i.state IN (${list(UP)})), 0)`,
    known: `coalesce(sum(${ms}) FILTER (WHERE i.state NOT IN (${list(NOT_COUNTED)})), 0)`,
  };
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
