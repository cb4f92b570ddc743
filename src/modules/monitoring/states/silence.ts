import { hold, observeCombined } from './known-endpoint.js';
import { combine } from './quorum.js';
import { type RegionalEndpoint, type RegionalStep, type RegionState, SILENT_INTERVALS } from './regions.js';

const SILENT = 'Nothing is heard from this region: no worker of it is running';

/** When the silence of a region begins if no more is heard from it. */
function silentAt({ last_slot }: RegionState, { rules }: RegionalEndpoint): number {
  return (last_slot ?? 0) + SILENT_INTERVALS * rules.interval_ms;
}

/**
 * Takes their vote from regions that have fallen silent by `until`: one step each, in the order in which they fell
 * silent and from then on, so that the time since does not count as what they said last.
 */
export function fallSilent(
  before: RegionalEndpoint,
  states: ReadonlyMap<string, RegionState>,
  until: number,
): RegionalStep[] {
  const all = new Map(states);
  const silent = before.regions
    .map((region) => states.get(region))
    .filter((state) => state !== undefined && state.status !== 'unknown')
    .map((state) => ({ state: state!, at: silentAt(state!, before) }))
    .filter(({ at }) => at <= until)
    .sort((a, b) => a.at - b.at);
  let known = before;
  const steps = silent.map(({ state, at }) => {
    const quiet = silenced(state, at);
    all.set(state.region, quiet);
    const step = settleSilence(known, all, at);
    known = { ...known, ...step.state };
    return { ...step, regions: [quiet] };
  });
  const last = (known.last_slot ?? 0) + SILENT_INTERVALS * known.rules.interval_ms;
  if (known.measured_status === 'unknown' || known.held || last > until || hasVotes(known, all)) return steps;
  // Its regions are others than those that have measured it, and have never spoken.
  return [...steps, { ...settleSilence(known, all, last), regions: [] }];
}

function hasVotes({ regions }: RegionalEndpoint, states: ReadonlyMap<string, RegionState>): boolean {
  return regions.some((region) => (states.get(region)?.status ?? 'unknown') !== 'unknown');
}

function silenced(state: RegionState, at: number): RegionState {
  return {
    ...state,
    status: 'unknown',
    status_since: Math.max(at, state.status_since + 1),
    consecutive_failures: 0,
    consecutive_successes: 0,
    last_error: SILENT,
  };
}

function settleSilence(
  known: RegionalEndpoint,
  states: ReadonlyMap<string, RegionState>,
  at: number,
): Omit<RegionalStep, 'regions'> {
  const voting = known.regions.map((region) => states.get(region)).filter((state) => state !== undefined);
  const combined = combine(
    voting.map((state) => state.status),
    known.quorum,
  );
  if (combined === 'unknown') {
    const step = known.held
      ? hold(known, at)
      : observeCombined(known, combined, {
          at,
          counts: false,
          consecutive_failures: 0,
          consecutive_successes: 0,
        });
    return { ...step, last_error: SILENT };
  }
  const { consecutive_failures, consecutive_successes } = known;
  const step = observeCombined(known, combined, {
    at,
    counts: false,
    consecutive_failures,
    consecutive_successes,
  });
  return {
    ...step,
    last_error: voting.find((state) => state.status === 'major_outage')?.last_error ?? null,
  };
}
