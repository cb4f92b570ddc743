import * as fc from 'fast-check';
import {
  applyObservation,
  isDown,
  type KnownState,
  type Observation,
  outageThreshold,
  type StateRules,
  type Step,
  type Verdict,
} from './endpoint-state.js';

const DEFAULTS: StateRules = {
  interval_ms: 60_000,
  retries: 1,
  retry_interval_ms: 10_000,
  failure_threshold: 2,
  recovery_threshold: 1,
};

const NEW: KnownState = {
  status: 'unknown',
  status_since: 0,
  consecutive_failures: 0,
  consecutive_successes: 0,
};
const UP: KnownState = { ...NEW, status: 'operational', consecutive_successes: 5 };
const DOWN: KnownState = { ...NEW, status: 'major_outage', consecutive_failures: 3 };

/** Feeds results a second apart and returns every step. */
function run(start: KnownState, rules: StateRules, verdicts: Verdict[]): Step[] {
  let state = start;
  return verdicts.map((verdict, index) => {
    const step = applyObservation(state, rules, { verdict, at: 1_000 * (index + 1) });
    state = step.state;
    return step;
  });
}

const statuses = (steps: Step[]) => steps.map((step) => step.state.status);

describe('endpoint state', () => {
  it('is operational at once after the first good result', () => {
    const [step] = run(NEW, { ...DEFAULTS, recovery_threshold: 5 }, ['operational']);
    expect(step!.transition).toEqual({ from: 'unknown', to: 'operational', at: 1_000 });
  });

  it('keeps its state while a failure is pending, and asks for a quick repeat', () => {
    const [step] = run(UP, DEFAULTS, ['major_outage']);
    expect(step).toEqual({
      state: { ...UP, consecutive_failures: 1, consecutive_successes: 0 },
      retry_at: 11_000,
    });
  });

  it('is wholly down when failures confirm what some regions said before there were none', () => {
    const partly: KnownState = { ...NEW, status: 'partial_outage' };
    const steps = run(partly, DEFAULTS, ['major_outage', 'major_outage', 'operational']);
    expect(statuses(steps)).toEqual(['partial_outage', 'major_outage', 'operational']);
  });

  it('is down from the failure that confirms it', () => {
    const steps = run(UP, DEFAULTS, ['major_outage', 'major_outage']);
    expect(steps[1]).toEqual({
      state: {
        status: 'major_outage',
        status_since: 2_000,
        consecutive_failures: 2,
        consecutive_successes: 0,
      },
      transition: { from: 'operational', to: 'major_outage', at: 2_000 },
    });
  });

  it('forgets a pending failure after a good result', () => {
    const steps = run(UP, DEFAULTS, ['major_outage', 'operational', 'major_outage']);
    expect(statuses(steps)).toEqual(['operational', 'operational', 'operational']);
  });

  it('a new endpoint that fails stays unknown until the failure is confirmed', () => {
    expect(statuses(run(NEW, DEFAULTS, ['major_outage', 'major_outage']))).toEqual([
      'unknown',
      'major_outage',
    ]);
  });

  it('never waits longer than half an interval for a quick repeat', () => {
    const [step] = run(UP, { ...DEFAULTS, interval_ms: 5_000 }, ['major_outage']);
    expect(step!.retry_at).toBe(1_000 + 2_500);
  });

  it('repeats quickly `retries` times, then waits for the slots', () => {
    const rules = { ...DEFAULTS, retries: 2, failure_threshold: 5 };
    const steps = run(UP, rules, Array<Verdict>(5).fill('major_outage'));
    expect(steps.map((step) => step.retry_at !== undefined)).toEqual([true, true, false, false, false]);
    expect(statuses(steps).indexOf('major_outage')).toBe(4);
  });

  it('retries come before the outage even when the threshold is lower', () => {
    const steps = run(
      UP,
      { ...DEFAULTS, retries: 3, failure_threshold: 1 },
      Array<Verdict>(4).fill('major_outage'),
    );
    expect(statuses(steps)).toEqual(['operational', 'operational', 'operational', 'major_outage']);
  });

  it('without retries and with threshold 1 it is down at once', () => {
    const [step] = run(UP, { ...DEFAULTS, retries: 0, failure_threshold: 1 }, ['major_outage']);
    expect(step!.state.status).toBe('major_outage');
    expect(step!.retry_at).toBeUndefined();
  });

  it('recovers after the recovery threshold, counted without a break', () => {
    const rules = { ...DEFAULTS, recovery_threshold: 2 };
    const steps = run(DOWN, rules, ['operational', 'major_outage', 'operational', 'operational']);
    expect(statuses(steps)).toEqual(['major_outage', 'major_outage', 'major_outage', 'operational']);
  });

  it('recovers into degraded when the answers are slow', () => {
    expect(statuses(run(DOWN, DEFAULTS, ['degraded']))).toEqual(['degraded']);
  });

  it('moves between operational and degraded at once', () => {
    expect(statuses(run(UP, DEFAULTS, ['degraded', 'operational']))).toEqual(['degraded', 'operational']);
  });

  it('turns unknown without a measurement, and forgets what it counted', () => {
    const steps = run(DOWN, { ...DEFAULTS, recovery_threshold: 3 }, [
      'operational',
      'unknown',
      'operational',
    ]);
    expect(statuses(steps)).toEqual(['major_outage', 'unknown', 'operational']);
    expect(steps[1]!.state).toMatchObject({ consecutive_failures: 0, consecutive_successes: 0 });
  });

  it('ends a partial outage by the rules of an outage', () => {
    const partial: KnownState = { ...DOWN, status: 'partial_outage' };
    expect(
      statuses(run(partial, { ...DEFAULTS, recovery_threshold: 2 }, ['operational', 'operational'])),
    ).toEqual(['partial_outage', 'operational']);
  });

  it('dates a gap back to where it began, but never before the state it ends', () => {
    const since = { ...UP, status_since: 5_000 };
    expect(applyObservation(since, DEFAULTS, { verdict: 'unknown', at: 9_000 }).transition?.at).toBe(9_000);
    expect(applyObservation(since, DEFAULTS, { verdict: 'unknown', at: 2_000 }).transition?.at).toBe(5_001);
  });
});

const steps = (
  given: StateRules,
  list: Observation[],
): { before: KnownState; step: Step; observation: Observation }[] => {
  let state: KnownState = { ...NEW, status_since: 1_000_000 };
  return list.map((observation) => {
    const before = state;
    const step = applyObservation(before, given, observation);
    state = step.state;
    return { before, step, observation };
  });
};

describe('endpoint state, whatever happens', () => {
  const rules = fc.record<StateRules>({
    interval_ms: fc.integer({ min: 1_000, max: 86_400_000 }),
    retries: fc.integer({ min: 0, max: 10 }),
    retry_interval_ms: fc.integer({ min: 1_000, max: 3_600_000 }),
    failure_threshold: fc.integer({ min: 1, max: 10 }),
    recovery_threshold: fc.integer({ min: 1, max: 10 }),
  });
  const verdict = fc.constantFrom<Verdict>('operational', 'degraded', 'major_outage', 'unknown');
  /** Mostly forward in time, sometimes back: clocks of several workers disagree. */
  const observations = fc
    .array(fc.tuple(verdict, fc.integer({ min: -2_000, max: 60_000 })), { maxLength: 120 })
    .map((list) => {
      let at = 1_000_000;
      return list.map(([each, delta]): Observation => ({ verdict: each, at: (at += delta) }));
    });

  it('an outage needs the last N results to have failed, and follows at the Nth', () => {
    fc.assert(
      fc.property(rules, observations, (given, list) => {
        const threshold = outageThreshold(given);
        let failures = 0;
        for (const { before, step, observation } of steps(given, list)) {
          failures = observation.verdict === 'major_outage' ? failures + 1 : 0;
          if (step.transition && isDown(step.transition.to)) expect(failures).toBe(threshold);
          if (failures >= threshold) expect(isDown(step.state.status)).toBe(true);
          if (!isDown(before.status) && failures > 0 && failures < threshold)
            expect(step.transition).toBeUndefined();
        }
      }),
    );
  });

  it('an outage ends with N good results in a row, or with a gap', () => {
    fc.assert(
      fc.property(rules, observations, (given, list) => {
        let successes = 0;
        for (const { before, step, observation } of steps(given, list)) {
          const good = observation.verdict === 'operational' || observation.verdict === 'degraded';
          successes = good ? successes + 1 : 0;
          if (!isDown(before.status) || isDown(step.state.status)) continue;
          expect(observation.verdict === 'unknown' || successes >= given.recovery_threshold).toBe(true);
        }
      }),
    );
  });

  it('transitions join up, move forward in time, and change something', () => {
    fc.assert(
      fc.property(rules, observations, (given, list) => {
        for (const { before, step } of steps(given, list)) {
          expect(step.transition !== undefined).toBe(step.state.status !== before.status);
          if (!step.transition) {
            expect(step.state.status_since).toBe(before.status_since);
            continue;
          }
          expect(step.transition.from).toBe(before.status);
          expect(step.transition.to).toBe(step.state.status);
          expect(step.transition.at).toBe(step.state.status_since);
          expect(step.transition.at).toBeGreaterThan(before.status_since);
        }
      }),
    );
  });

  it('quick repeats happen only while a failure is pending, at most `retries` times in a row, and soon', () => {
    fc.assert(
      fc.property(rules, observations, (given, list) => {
        let inARow = 0;
        for (const { step, observation } of steps(given, list)) {
          if (observation.verdict !== 'major_outage') inARow = 0;
          if (step.retry_at === undefined) continue;
          inARow++;
          expect(observation.verdict).toBe('major_outage');
          expect(isDown(step.state.status)).toBe(false);
          expect(inARow).toBeLessThanOrEqual(given.retries);
          expect(step.retry_at - observation.at).toBeLessThanOrEqual(given.interval_ms / 2);
          expect(step.retry_at).toBeGreaterThan(observation.at);
        }
      }),
    );
  });

  it('with the default rules a dead endpoint is down within two intervals', () => {
    fc.assert(
      fc.property(fc.integer({ min: 5_000, max: 3_600_000 }), fc.nat(), (interval_ms, offset) => {
        const given = { ...DEFAULTS, interval_ms };
        const died = 10_000_000;
        const beat = 1_000;
        let due = died + (offset % interval_ms);
        let state: KnownState = { ...UP, status_since: 0 };
        while (!isDown(state.status)) {
          const at = due + beat;
          const step = applyObservation(state, given, { verdict: 'major_outage', at });
          state = step.state;
          due = Math.min(step.retry_at ?? Infinity, due + interval_ms);
        }
        expect(state.status_since - died).toBeLessThanOrEqual(2 * interval_ms);
      }),
    );
  });
});
