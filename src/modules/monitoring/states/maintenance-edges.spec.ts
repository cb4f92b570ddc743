import type { StateRules } from './endpoint-state.js';
import { NO_OUTCOMES } from './flapping.js';
import type { KnownEndpoint } from './known-endpoint.js';
import { applyEdges } from './maintenance-edges.js';

const RULES: StateRules = {
  interval_ms: 60_000,
  retries: 1,
  retry_interval_ms: 10_000,
  failure_threshold: 2,
  recovery_threshold: 1,
};

const known = (more: Partial<KnownEndpoint> = {}): KnownEndpoint => ({
  status: 'operational',
  status_since: 1_000,
  consecutive_failures: 0,
  consecutive_successes: 4,
  measured_status: 'operational',
  maintenance: false,
  held: false,
  flapping: false,
  outcomes: NO_OUTCOMES,
  ...more,
});
const inside = (more: Partial<KnownEndpoint> = {}) =>
  known({ status: 'maintenance', maintenance: true, ...more });
const into = (at: number) => ({ maintenance: true, at });
const outOf = (at: number) => ({ maintenance: false, at });

describe('going into maintenance and coming out of it', () => {
  it('happens at its time, and twice in a row if need be', () => {
    const { state, transitions, intervals } = applyEdges(known(), RULES, [into(2_000), outOf(3_000)]);
    expect(state).toEqual(known({ status_since: 3_000 }));
    expect(transitions).toEqual([
      { from: 'operational', to: 'maintenance', at: 2_000 },
      { from: 'maintenance', to: 'operational', at: 3_000 },
    ]);
    expect(intervals).toEqual([
      { to: 'maintenance', at: 2_000 },
      { to: 'operational', at: 3_000 },
    ]);
  });

  it('leads out to what checks have found meanwhile', () => {
    const { state, transitions } = applyEdges(inside({ measured_status: 'major_outage' }), RULES, [
      outOf(2_000),
    ]);
    expect(state).toMatchObject({ status: 'major_outage', status_since: 2_000, maintenance: false });
    expect(transitions).toEqual([{ from: 'maintenance', to: 'major_outage', at: 2_000 }]);
  });

  it('leaves what was recorded since: a window that ended before it is none', () => {
    expect(applyEdges(known(), RULES, [into(500), outOf(800)])).toEqual({
      state: known(),
      transitions: [],
      intervals: [],
    });
    expect(applyEdges(known(), RULES, [into(500), outOf(800), into(900), outOf(2_000)]).transitions).toEqual([
      { from: 'operational', to: 'maintenance', at: 1_001 },
      { from: 'maintenance', to: 'operational', at: 2_000 },
    ]);
  });

  it('says unknown for what was not measured before it', () => {
    const { state, transitions } = applyEdges(known(), RULES, [into(3_000), outOf(4_000)], 2_000);
    expect(transitions.map(({ to, at }) => [to, at])).toEqual([
      ['unknown', 2_000],
      ['maintenance', 3_000],
      ['unknown', 4_000],
    ]);
    expect(state).toMatchObject({ measured_status: 'unknown', consecutive_successes: 0 });
    expect(applyEdges(inside(), RULES, [outOf(4_000)], 2_000).transitions).toEqual([
      { from: 'maintenance', to: 'unknown', at: 4_000 },
    ]);
    expect(applyEdges(known(), RULES, [into(3_000)], 3_500).state.measured_status).toBe('operational');
  });

  it('changes nothing when it is there already', () => {
    expect(applyEdges(inside(), RULES, [into(2_000)]).transitions).toEqual([]);
    // Its end was shown when the endpoint was disabled; only the flag is left.
    const left = applyEdges(
      known({ status: 'unknown', measured_status: 'unknown', maintenance: true }),
      RULES,
      [outOf(2_000)],
    );
    expect(left).toMatchObject({ transitions: [], state: { maintenance: false, status: 'unknown' } });
  });

  it('counts as maintenance even while the monitor has lost its network, and as unknown after', () => {
    const { intervals, state } = applyEdges(known({ held: true }), RULES, [into(2_000), outOf(3_000)]);
    expect(intervals).toEqual([
      { to: 'maintenance', at: 2_000 },
      { to: 'unknown', at: 3_000 },
    ]);
    expect(state).toMatchObject({ status: 'operational', held: true });
  });
});
