import type { EndpointState } from '../../../database/entities/endpoint-status.entity.js';
import type { ServiceHealth } from '../../../realtime/events.js';

/** What a person configured about believing results. Times in milliseconds. */
export interface StateRules {
  interval_ms: number;
  /** Quick repeats after a failure, before it is believed. */
  retries: number;
  retry_interval_ms: number;
  /** Failures in a row that make an outage. */
  failure_threshold: number;
  /** Good results in a row that end one. */
  recovery_threshold: number;
}

/** What is known of an endpoint, or of one in one region. Times in milliseconds since the epoch. */
export interface KnownState {
  status: EndpointState;
  status_since: number;
  consecutive_failures: number;
  consecutive_successes: number;
}

/** What one result says by itself. */
export type Verdict = 'operational' | 'degraded' | 'major_outage' | 'unknown';

export interface Observation {
  verdict: Verdict;
  /** When it became known; for `unknown`, since when nothing was measured. */
  at: number;
  /** Only with `unknown`: this monitor has lost its network, so what is known stays. */
  held?: boolean;
}

export interface Transition {
  from: EndpointState;
  to: EndpointState;
  at: number;
}

export interface Step {
  state: KnownState;
  transition?: Transition;
  /** Set while a failure is pending: when to look again instead of waiting for the next slot. */
  retry_at?: number;
}

/** Failures in a row after which an endpoint is down. Quick repeats come first, so they count towards it. */
export function outageThreshold(rules: StateRules): number {
  return Math.max(rules.failure_threshold, rules.retries + 1);
}

/**
 * Applies one result to what was measured before.
 *
 * A failure while up is *pending*: the state stays, and up to `retries` repeats follow quickly. Pending is not
 * downtime: an outage begins with the failure that confirms it. The wait before a quick repeat is capped at half the
 * interval, so that with the default rules a dead endpoint is down within two intervals however short they are.
 */
export function applyObservation(known: KnownState, rules: StateRules, observation: Observation): Step {
  const { verdict, at } = observation;
  switch (verdict) {
    case 'unknown':
      return move({ ...known, consecutive_failures: 0, consecutive_successes: 0 }, 'unknown', at);
    case 'major_outage':
      return applyFailure(known, rules, at);
    case 'operational':
    case 'degraded':
      return applySuccess(known, rules, verdict, at);
  }
}

function applyFailure(known: KnownState, rules: StateRules, at: number): Step {
  const failures = known.consecutive_failures + 1;
  const counted = { ...known, consecutive_failures: failures, consecutive_successes: 0 };
  // A partial outage is what several regions said; without them, failures confirm a whole one.
  if (known.status === 'major_outage') return { state: counted };
  if (failures >= outageThreshold(rules)) return move(counted, 'major_outage', at);
  if (failures > rules.retries) return { state: counted };
  return {
    state: counted,
    retry_at: at + Math.min(rules.retry_interval_ms, Math.floor(rules.interval_ms / 2)),
  };
}

function applySuccess(
  known: KnownState,
  rules: StateRules,
  verdict: 'operational' | 'degraded',
  at: number,
): Step {
  const successes = known.consecutive_successes + 1;
  const counted = { ...known, consecutive_failures: 0, consecutive_successes: successes };
  if (isDown(known.status) && successes < rules.recovery_threshold) return { state: counted };
  return move(counted, verdict, at);
}

/** A state begins strictly after the one before it, even if clocks disagree or a gap is noticed late. */
function move(known: KnownState, to: EndpointState, at: number): Step {
  if (known.status === to) return { state: known };
  const since = Math.max(at, known.status_since + 1);
  return {
    state: { ...known, status: to, status_since: since },
    transition: { from: known.status, to, at: since },
  };
}

export function isDown(status: EndpointState): boolean {
  return status === 'major_outage' || status === 'partial_outage';
}

/** A state in the words that services and sockets use. */
export function healthOf(state: EndpointState): ServiceHealth {
  switch (state) {
    case 'operational':
    case 'degraded':
      return 'healthy';
    case 'partial_outage':
    case 'major_outage':
      return 'unhealthy';
    case 'maintenance':
    case 'unknown':
      return 'unknown';
  }
}
