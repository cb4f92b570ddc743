import type { CheckResult } from './check-result.js';
import type { LockedStatus, StatusUpdate } from './endpoint-status.store.js';
import { type EndpointStep, observe } from './known-endpoint.js';
import type { RegionUpdate } from './region-status.store.js';
import { observeRegion, type RegionalStep, type RegionState } from './regions.js';
import type { StateChange } from './state-changes.js';
import type { IntervalChange } from './timeline.js';

/** What results change. */
export interface Moves {
  /** Results that have been applied: new ones, each slot once. */
  applied: CheckResult[];
  updates: StatusUpdate[];
  regions: RegionUpdate[];
  intervals: IntervalChange[];
  changes: StateChange[];
  flaps: StateChange[];
}

type RegionStates = ReadonlyMap<string, Map<string, RegionState>>;

/**
 * Runs the state machine over results from a region, each endpoint’s in order of its slots, and moves `statuses` and
 * `regions` on. What is not applied is history (it comes after a newer one), or of no consequence for the endpoint, or
 * was stored before: every result that is applied moves the newest slot on in the same transaction, so no result of a
 * later slot is stored yet.
 */
export function advance(
  statuses: ReadonlyMap<string, LockedStatus>,
  regions: RegionStates,
  results: readonly CheckResult[],
  region: string,
): Moves {
  const updates = new Map<string, StatusUpdate>();
  const regionUpdates = new Map<string, RegionUpdate>();
  const moves: Moves = { applied: [], updates: [], regions: [], intervals: [], changes: [], flaps: [] };
  for (const result of inOrder(results)) {
    const status = statuses.get(result.endpoint_id)!;
    if (!status.enabled) continue;
    const step =
      status.regions.length > 0
        ? applyRegional(status, regions, result, region)
        : applySingle(status, result);
    if (!step) continue;
    for (const state of step.regions) {
      regionUpdates.set(`${result.endpoint_id} ${state.region}`, {
        endpoint_id: result.endpoint_id,
        ...state,
      });
    }
    note(moves, status, step, result);
    const steady = isSteady(status, step) && (updates.get(status.endpoint_id)?.steady ?? true);
    Object.assign(status, step.state, { last_slot: Math.max(status.last_slot ?? 0, result.slot) });
    updates.set(status.endpoint_id, {
      status,
      result,
      steady,
      last_error: step.last_error,
      retry_at: step.retry_at ?? null,
    });
  }
  moves.updates = [...updates.values()];
  moves.regions = [...regionUpdates.values()];
  return moves;
}

function applySingle(status: LockedStatus, result: CheckResult): RegionalStep | undefined {
  if (result.slot <= (status.last_slot ?? 0)) return undefined;
  const step = observe(status, status.rules, {
    verdict: result.verdict,
    at: result.known_at,
    held: result.held,
  });
  return { ...step, regions: [], last_error: result.measurement.error };
}

function applyRegional(
  status: LockedStatus,
  regions: RegionStates,
  result: CheckResult,
  region: string,
): RegionalStep | undefined {
  const states = regions.get(status.endpoint_id)!;
  const step = observeRegion(status, states, region, result);
  for (const state of step?.regions ?? []) states.set(state.region, state);
  return step;
}

/** Whether a step has moved nothing but counters. */
function isSteady(before: LockedStatus, { state, regions, retry_at, ...step }: RegionalStep): boolean {
  return (
    !step.transition &&
    !step.interval &&
    !step.flapping_changed &&
    retry_at === undefined &&
    regions.length === 0 &&
    state.held === before.held &&
    state.measured_status === before.measured_status
  );
}

function note(moves: Moves, status: LockedStatus, step: EndpointStep, result: CheckResult): void {
  moves.applied.push(result);
  const { endpoint_id, name } = status;
  const { flapping, status: shown } = step.state;
  if (step.interval) moves.intervals.push({ endpoint_id, ...step.interval });
  if (step.transition) moves.changes.push({ ...step.transition, endpoint_id, name, flapping });
  if (step.flapping_changed) {
    moves.flaps.push({ from: shown, to: shown, at: result.known_at, endpoint_id, name, flapping });
  }
}

function inOrder(results: readonly CheckResult[]): CheckResult[] {
  return [...results].sort((a, b) => compare(a.endpoint_id, b.endpoint_id) || a.slot - b.slot);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
