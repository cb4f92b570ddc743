import type { EndpointState } from '../../../database/entities/endpoint-status.entity.js';
import {
  applyObservation,
  isDown,
  type KnownState,
  type Observation,
  type StateRules,
  type Transition,
} from './endpoint-state.js';
import { isFlapping, NO_OUTCOMES, withOutcome } from './flapping.js';

/** Everything that is known of an endpoint. `status` is what is shown, `status_since` when that began. */
export interface KnownEndpoint extends KnownState {
  /** What the checks say. */
  measured_status: EndpointState;
  /** Whether a maintenance window covers it. */
  maintenance: boolean;
  /** Whether what is shown is only held: the monitor has lost its network, and nothing is measured. */
  held: boolean;
  flapping: boolean;
  /** See {@link withOutcome}. */
  outcomes: number;
}

type Flags = Pick<KnownEndpoint, 'maintenance' | 'held'>;

/** What happened to an endpoint. */
export interface EndpointStep {
  state: KnownEndpoint;
  /** A change of what is shown: to be announced. */
  transition?: Transition;
  /** A change of how its time counts from then on. */
  interval?: { to: EndpointState; at: number };
  /** Whether the flag has changed. */
  flapping_changed: boolean;
  /** Set while a failure is pending: when to look again instead of waiting for the next slot. */
  retry_at?: number;
}

/** What people see of an endpoint. */
export function shownStatus(
  measured: EndpointState,
  { maintenance }: Pick<Flags, 'maintenance'>,
): EndpointState {
  return maintenance ? 'maintenance' : measured;
}

/** What the time of an endpoint counts as: a state that is only held is not measured. */
export function countedState(measured: EndpointState, { maintenance, held }: Flags): EndpointState {
  if (maintenance) return 'maintenance';
  return held ? 'unknown' : measured;
}

/**
 * Applies one result of an endpoint that is checked from one place.
 *
 * A result is held when this monitor has lost its network: it says nothing about the endpoint, whose status stays, but
 * from then on its time counts as unknown. The next result that was really measured ends that; one that was not, for
 * whatever reason, changes nothing more.
 */
export function observe(known: KnownEndpoint, rules: StateRules, observation: Observation): EndpointStep {
  const { verdict, at } = observation;
  if (verdict === 'unknown' && (observation.held || known.held)) return hold(known, at);
  const measured = applyObservation({ ...known, status: known.measured_status }, rules, observation);
  const outcomes =
    verdict === 'unknown' || known.maintenance
      ? known.outcomes
      : withOutcome(known.outcomes, verdict !== 'major_outage');
  const step = settle(
    known,
    {
      measured_status: measured.state.status,
      consecutive_failures: measured.state.consecutive_failures,
      consecutive_successes: measured.state.consecutive_successes,
      held: false,
      outcomes,
    },
    at,
  );
  return measured.retry_at === undefined ? step : { ...step, retry_at: measured.retry_at };
}

/** Keeps what is shown: nothing can be measured. */
export function hold(known: KnownEndpoint, at: number): EndpointStep {
  return settle(known, { held: true }, at);
}

/**
 * Applies what the regions of an endpoint say together. `counts` tells whether this is the first result of its slot:
 * only that one is an outcome, or three regions would fill the memory for flapping three times as fast.
 */
export function observeCombined(
  known: KnownEndpoint,
  measured_status: EndpointState,
  {
    at,
    counts,
    ...counters
  }: Pick<KnownState, 'consecutive_failures' | 'consecutive_successes'> & {
    at: number;
    counts: boolean;
  },
): EndpointStep {
  const outcomes =
    counts && measured_status !== 'unknown' && !known.maintenance
      ? withOutcome(known.outcomes, !isDown(measured_status))
      : known.outcomes;
  return settle(known, { ...counters, measured_status, held: false, outcomes }, at);
}

/** Begins or ends the maintenance of an endpoint. Checks go on beneath it. */
export function setMaintenance(known: KnownEndpoint, maintenance: boolean, at: number): EndpointStep {
  return settle(known, { maintenance }, at);
}

/** Forgets what was measured: the endpoint is not checked any more. */
export function forget(known: KnownEndpoint, at: number): EndpointStep {
  return settle(
    known,
    {
      measured_status: 'unknown',
      consecutive_failures: 0,
      consecutive_successes: 0,
      held: false,
      outcomes: NO_OUTCOMES,
    },
    at,
  );
}

/** A state begins strictly after the one before it, even if clocks disagree or a gap is noticed late. */
function settle(before: KnownEndpoint, changes: Partial<KnownEndpoint>, at: number): EndpointStep {
  const state = { ...before, ...changes };
  state.flapping = isFlapping(before.flapping, state.outcomes);
  state.status = shownStatus(state.measured_status, state);
  const step: EndpointStep = { state, flapping_changed: state.flapping !== before.flapping };
  if (state.status !== before.status) {
    state.status_since = Math.max(at, before.status_since + 1);
    step.transition = { from: before.status, to: state.status, at: state.status_since };
  }
  const counted = countedState(state.measured_status, state);
  if (counted !== countedState(before.measured_status, before)) {
    step.interval = { to: counted, at: step.transition?.at ?? at };
  }
  return step;
}
