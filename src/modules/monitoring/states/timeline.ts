import type { EndpointState } from '../../../database/entities/endpoint-status.entity.js';

/** From when on the time of an endpoint counts as another state. Times in milliseconds since the epoch. */
export interface IntervalChange {
  endpoint_id: string;
  to: EndpointState;
  at: number;
}

/** A stretch of time in one state. */
export interface Interval {
  state: EndpointState;
  started_at: number;
  /** Null while it lasts. */
  ended_at: number | null;
}

/**
 * Continues the timeline of an endpoint from its open interval. Intervals follow each other without a gap and each is
 * at least a millisecond long: a change that is dated before the interval it ends (clocks of several workers disagree,
 * or a gap is noticed late) takes effect right after its beginning. A change to the state that lasts anyway is none.
 *
 * @returns when the open interval ends, and those that follow it
 */
export function continueTimeline(
  open: Pick<Interval, 'state' | 'started_at'> | undefined,
  changes: readonly Pick<IntervalChange, 'to' | 'at'>[],
): { ended_at: number | null; begun: Interval[] } {
  const begun: Interval[] = [];
  let ended_at: number | null = null;
  for (const { to, at } of changes) {
    const last = begun.at(-1) ?? open;
    if (last?.state === to) continue;
    const started_at = last ? Math.max(at, last.started_at + 1) : at;
    if (begun.length > 0) begun.at(-1)!.ended_at = started_at;
    else if (open) ended_at = started_at;
    begun.push({ state: to, started_at, ended_at: null });
  }
  return { ended_at, begun };
}
