import type { EndpointState } from '../../../database/entities/endpoint-status.entity.js';
import type { Transition } from './endpoint-state.js';

/** What is known of an endpoint that goes into maintenance or comes out of it. Times in milliseconds since the epoch. */
export interface MaintainedState {
  /** What is shown. */
  status: EndpointState;
  status_since: number;
  /** What the checks say. */
  measured_status: EndpointState;
  maintenance: boolean;
  /** From when on nothing has been measured although it was due; null while checks are made. */
  unmeasured_since: number | null;
}

interface Edge {
  maintenance: boolean;
  /** Milliseconds since the epoch. */
  at: number;
}

/**
 * Takes an endpoint into maintenance and out of it, in order of time. Out of it, it is in the state that checks have
 * found meanwhile. Edges from before the state that is shown count together, from its begin on: history stays as it was
 * recorded. Where an edge is noticed late and nothing was being measured by then, that is `unknown`, not what was
 * measured last.
 */
export function applyEdges(
  known: MaintainedState,
  edges: readonly Edge[],
): { state: MaintainedState; transitions: Transition[] } {
  const early = edges.filter(({ at }) => at <= known.status_since).at(-1);
  const rest = edges.filter(({ at }) => at > known.status_since);
  const state = { ...known };
  const transitions: Transition[] = [];
  const show = (to: EndpointState, at: number): void => {
    if (state.status === to) return;
    const since = Math.max(at, state.status_since + 1);
    transitions.push({ from: state.status, to, at: since });
    state.status = to;
    state.status_since = since;
  };
  for (const { maintenance, at } of early ? [early, ...rest] : rest) {
    if (maintenance === state.maintenance) continue;
    if (state.unmeasured_since !== null && state.unmeasured_since < at) {
      state.measured_status = 'unknown';
      if (!state.maintenance) show('unknown', state.unmeasured_since);
    }
    state.maintenance = maintenance;
    show(maintenance ? 'maintenance' : state.measured_status, at);
  }
  return { state, transitions };
}
