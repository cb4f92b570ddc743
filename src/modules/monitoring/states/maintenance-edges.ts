import type { StateRules, Transition } from './endpoint-state.js';
import { type EndpointStep, type KnownEndpoint, observe, setMaintenance } from './known-endpoint.js';

/** An endpoint goes into maintenance or comes out of it. */
export interface MaintenanceEdge {
  maintenance: boolean;
  /** Milliseconds since the epoch. */
  at: number;
}

/** What edges have made of an endpoint. */
export interface EdgesApplied {
  state: KnownEndpoint;
  transitions: Transition[];
  intervals: NonNullable<EndpointStep['interval']>[];
}

/**
 * Takes an endpoint into maintenance and out of it, in order of time. Out of it, it is in the state that checks have
 * found meanwhile. Edges from before the state that is shown count together, from its begin on: what was recorded stays
 * as it is.
 *
 * Where an edge is noticed late, and checks that were due by then have not been made, the endpoint is `unknown` from
 * `unmeasuredSince` on, not what was measured last.
 */
export function applyEdges(
  known: KnownEndpoint,
  rules: StateRules,
  edges: readonly MaintenanceEdge[],
  unmeasuredSince = Infinity,
): EdgesApplied {
  const early = edges.filter(({ at }) => at <= known.status_since).at(-1);
  const rest = edges.filter(({ at }) => at > known.status_since);
  const done: EdgesApplied = { state: known, transitions: [], intervals: [] };
  for (const { maintenance, at } of early ? [early, ...rest] : rest) {
    if (maintenance === done.state.maintenance) continue;
    if (unmeasuredSince < at && done.state.measured_status !== 'unknown') {
      take(done, observe(done.state, rules, { verdict: 'unknown', at: unmeasuredSince }));
    }
    take(done, setMaintenance(done.state, maintenance, at));
  }
  return done;
}

function take(done: EdgesApplied, { state, transition, interval }: EndpointStep): void {
  done.state = state;
  if (transition) done.transitions.push(transition);
  if (interval) done.intervals.push(interval);
}
