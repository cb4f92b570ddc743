import type { Quorum } from '../../../database/entities/endpoint.entity.js';
import type { CheckResult } from './check-result.js';
import { applyObservation, type KnownState, type StateRules } from './endpoint-state.js';
import { type EndpointStep, hold, type KnownEndpoint, observeCombined } from './known-endpoint.js';
import { combine } from './quorum.js';

/** A region that has said nothing for so many intervals has no vote. */
export const SILENT_INTERVALS = 3;

/** What one region knows of an endpoint. Times in milliseconds since the epoch. */
export interface RegionState extends KnownState {
  region: string;
  /** The newest slot whose result has been applied. */
  last_slot: number | null;
  last_checked_at: number | null;
  last_response_ms: number | null;
  last_error: string | null;
}

/** An endpoint that is checked from several regions. */
export interface RegionalEndpoint extends KnownEndpoint {
  last_slot: number | null;
  regions: readonly string[];
  quorum: Quorum;
  rules: StateRules;
}

export interface RegionalStep extends EndpointStep {
  /** The regions that the result has changed. */
  regions: RegionState[];
  /** Why it is down, of a region that says so. */
  last_error: string | null;
}

export function newRegion(region: string): RegionState {
  return {
    region,
    status: 'unknown',
    status_since: 0,
    consecutive_failures: 0,
    consecutive_successes: 0,
    last_slot: null,
    last_checked_at: null,
    last_response_ms: null,
    last_error: null,
  };
}

/**
 * Applies a result from `region`: it moves that region’s state by the rules that endpoints have, and the endpoint to
 * what its regions say together. A region that has lost its network is a region that measures nothing; only when no
 * other one does is the endpoint held. Undefined when the result changes nothing: it is older than one from there, or
 * from where the endpoint is not checked.
 */
export function observeRegion(
  known: RegionalEndpoint,
  states: ReadonlyMap<string, RegionState>,
  region: string,
  result: CheckResult,
): RegionalStep | undefined {
  const told = (result.everywhere ? known.regions : known.regions.filter((each) => each === region)).filter(
    (each) => result.slot > (states.get(each)?.last_slot ?? 0),
  );
  if (told.length === 0) return undefined;
  const steps = told.map((each) => moveRegion(states.get(each) ?? newRegion(each), known.rules, result));
  const moved = steps.map((step) => step.state);
  const all = known.regions.map((each) => moved.find((state) => state.region === each) ?? states.get(each));
  const voting = all.filter((state) => state !== undefined && !isSilent(state, known, result));
  const combined = combine(
    voting.map((state) => state!.status),
    known.quorum,
  );
  const last_error =
    result.measurement.error ?? voting.find((state) => state!.status === 'major_outage')?.last_error ?? null;
  const step =
    combined === 'unknown' && (result.held || known.held)
      ? hold(known, result.known_at)
      : observeCombined(known, combined, {
          at: result.known_at,
          counts: result.slot > (known.last_slot ?? 0),
          consecutive_failures: moved[0]!.consecutive_failures,
          consecutive_successes: moved[0]!.consecutive_successes,
        });
  const retry_at = steps[0]!.retry_at;
  return { ...step, regions: moved, last_error, ...(retry_at !== undefined && { retry_at }) };
}

function moveRegion(
  before: RegionState,
  rules: StateRules,
  result: CheckResult,
): { state: RegionState; retry_at: number | undefined } {
  const { state, retry_at } = applyObservation(before, rules, {
    verdict: result.verdict,
    at: result.known_at,
  });
  const measured = result.measurement.ok !== null;
  return {
    retry_at,
    state: {
      ...before,
      ...state,
      last_slot: result.slot,
      last_checked_at: measured ? result.checked_at : before.last_checked_at,
      last_response_ms: measured ? result.measurement.response_time_ms : before.last_response_ms,
      last_error: result.measurement.error,
    },
  };
}

function isSilent(state: RegionState, { rules }: RegionalEndpoint, { checked_at }: CheckResult): boolean {
  return (state.last_slot ?? 0) < checked_at - SILENT_INTERVALS * rules.interval_ms;
}
