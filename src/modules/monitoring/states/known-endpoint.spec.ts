import * as fc from 'fast-check';
import type { EndpointState } from '../../../database/entities/endpoint-status.entity.js';
import type { StateRules, Verdict } from './endpoint-state.js';
import {
  countedState,
  type EndpointStep,
  forget,
  type KnownEndpoint,
  observe,
  setMaintenance,
  shownStatus,
} from './known-endpoint.js';
import { continueTimeline, type Interval } from './timeline.js';

const RULES: StateRules = {
  interval_ms: 60_000,
  retries: 1,
  retry_interval_ms: 10_000,
  failure_threshold: 2,
  recovery_threshold: 1,
};

const UP: KnownEndpoint = {
  status: 'operational',
  measured_status: 'operational',
  status_since: 0,
  consecutive_failures: 0,
  consecutive_successes: 5,
  maintenance: false,
  held: false,
  flapping: false,
  outcomes: 1,
};

type Happening = { verdict: Verdict; held?: boolean } | { maintenance: boolean } | 'forgotten';

const HELD: Happening = { verdict: 'unknown', held: true };
const saying = (...verdicts: Verdict[]): Happening[] => verdicts.map((verdict) => ({ verdict }));

function happen(known: KnownEndpoint, happening: Happening, at: number): EndpointStep {
  if (happening === 'forgotten') return forget(known, at);
  if ('maintenance' in happening) return setMaintenance(known, happening.maintenance, at);
  return observe(known, RULES, { ...happening, at });
}

/** Lets things happen a second apart. */
function run(start: KnownEndpoint, happenings: readonly Happening[]): EndpointStep[] {
  let state = start;
  return happenings.map((happening, index) => {
    const step = happen(state, happening, 1_000 * (index + 1));
    state = step.state;
    return step;
  });
}

const transitions = (steps: readonly EndpointStep[]) => steps.flatMap((step) => step.transition ?? []);
const intervals = (steps: readonly EndpointStep[]) => steps.flatMap((step) => step.interval ?? []);

describe('a held state', () => {
  it('stays as it is shown, while its time counts as unknown', () => {
    const steps = run(UP, [HELD, HELD]);
    expect(steps.at(-1)!.state).toEqual({ ...UP, held: true });
    expect(transitions(steps)).toEqual([]);
    expect(intervals(steps)).toEqual([{ to: 'unknown', at: 1_000 }]);
  });

  it('ends with the first real measurement, and its time counts again', () => {
    const steps = run(UP, [HELD, ...saying('operational')]);
    expect(steps.at(-1)!.state).toMatchObject({ status: 'operational', held: false });
    expect(transitions(steps)).toEqual([]);
    expect(intervals(steps)).toEqual([
      { to: 'unknown', at: 1_000 },
      { to: 'operational', at: 2_000 },
    ]);
  });

  it('is not lost to slots that nobody could check meanwhile', () => {
    const steps = run(UP, [HELD, ...saying('unknown')]);
    expect(steps.at(-1)!.state).toEqual({ ...UP, held: true });
  });

  it('goes on to what is measured then', () => {
    const steps = run(UP, [HELD, ...saying('degraded')]);
    expect(transitions(steps)).toEqual([{ from: 'operational', to: 'degraded', at: 2_000 }]);
    expect(intervals(steps).at(-1)).toEqual({ to: 'degraded', at: 2_000 });
  });

  it('keeps what was counted before: a pending failure is confirmed by the next', () => {
    const steps = run(UP, [...saying('major_outage'), HELD, ...saying('major_outage')]);
    expect(steps[1]!.retry_at).toBeUndefined();
    expect(transitions(steps)).toEqual([{ from: 'operational', to: 'major_outage', at: 3_000 }]);
    expect(intervals(steps)).toEqual([
      { to: 'unknown', at: 2_000 },
      { to: 'major_outage', at: 3_000 },
    ]);
  });

  it('leaves maintenance what it is', () => {
    const steps = run(UP, [{ maintenance: true }, HELD, { maintenance: false }]);
    expect(intervals(steps)).toEqual([
      { to: 'maintenance', at: 1_000 },
      { to: 'unknown', at: 3_000 },
    ]);
    expect(transitions(steps).at(-1)).toEqual({ from: 'maintenance', to: 'operational', at: 3_000 });
  });
});

describe('maintenance', () => {
  it('is shown whatever the checks say, which is known beneath', () => {
    const steps = run(UP, [{ maintenance: true }, ...saying('major_outage', 'major_outage')]);
    expect(steps.at(-1)!.state).toMatchObject({
      status: 'maintenance',
      measured_status: 'major_outage',
      status_since: 1_000,
    });
    expect(transitions(steps)).toHaveLength(1);
    expect(intervals(steps)).toHaveLength(1);
  });

  it('ends in what was measured meanwhile', () => {
    const steps = run(UP, [
      { maintenance: true },
      ...saying('major_outage', 'major_outage'),
      { maintenance: false },
    ]);
    expect(transitions(steps)).toEqual([
      { from: 'operational', to: 'maintenance', at: 1_000 },
      { from: 'maintenance', to: 'major_outage', at: 4_000 },
    ]);
  });

  it('does not count for flapping', () => {
    const restless = Array.from({ length: 40 }, (_, index) =>
      saying(index % 2 ? 'operational' : 'major_outage'),
    ).flat();
    expect(run(UP, [{ maintenance: true }, ...restless]).at(-1)!.state).toMatchObject({
      flapping: false,
      outcomes: 1,
    });
  });
});

describe('flapping', () => {
  const restless = Array.from({ length: 20 }, (_, index) =>
    saying(index % 2 ? 'operational' : 'major_outage'),
  ).flat();

  it('is seen also where no failure is ever confirmed', () => {
    const steps = run(UP, restless);
    expect(transitions(steps)).toEqual([]);
    expect(steps.map((step) => step.flapping_changed).indexOf(true)).toBe(19);
    expect(steps.at(-1)!.state.flapping).toBe(true);
  });

  it('ends once it is quiet', () => {
    const steps = run(UP, [...restless, ...saying(...Array<Verdict>(20).fill('operational'))]);
    expect(steps.filter((step) => step.flapping_changed)).toHaveLength(2);
    expect(steps.at(-1)!.state.flapping).toBe(false);
  });

  it('is not between operational and degraded: both are good', () => {
    const slow = Array.from({ length: 40 }, (_, index) =>
      saying(index % 2 ? 'operational' : 'degraded'),
    ).flat();
    expect(run(UP, slow).at(-1)!.state.flapping).toBe(false);
  });

  it('is forgotten with what was measured', () => {
    const step = run(UP, [...restless, 'forgotten']).at(-1)!;
    expect(step.state).toMatchObject({ flapping: false, status: 'unknown', outcomes: 1 });
    expect(step.flapping_changed).toBe(true);
  });
});

describe('whatever happens to an endpoint', () => {
  const happening = fc.oneof(
    {
      weight: 6,
      arbitrary: fc.constantFrom(...saying('operational', 'degraded', 'major_outage', 'unknown')),
    },
    { weight: 2, arbitrary: fc.constant(HELD) },
    { weight: 1, arbitrary: fc.boolean().map((maintenance): Happening => ({ maintenance })) },
    { weight: 1, arbitrary: fc.constant<Happening>('forgotten') },
  );
  /** Mostly forward in time, sometimes back: clocks of several workers disagree. */
  const histories = fc.array(fc.tuple(happening, fc.integer({ min: -2_000, max: 60_000 })), {
    maxLength: 150,
  });
  const START = 1_000_000;

  const live = (history: readonly [Happening, number][]) => {
    let at = START;
    let before: KnownEndpoint = { ...UP, status: 'unknown', measured_status: 'unknown', status_since: START };
    return history.map(([each, delta]) => {
      at += delta;
      const step = happen(before, each, at);
      const lived = { before, step, at, happening: each };
      before = step.state;
      return lived;
    });
  };

  it('what is shown, counted and announced agree', () => {
    fc.assert(
      fc.property(histories, (history) => {
        for (const { before, step } of live(history)) {
          const { state, transition, interval } = step;
          expect(state.status).toBe(shownStatus(state.measured_status, state));
          expect(transition !== undefined).toBe(state.status !== before.status);
          expect(state.status_since).toBe(transition?.at ?? before.status_since);
          if (transition) expect(transition.at).toBeGreaterThan(before.status_since);
          const counted = countedState(state.measured_status, state);
          expect(interval?.to ?? countedState(before.measured_status, before)).toBe(counted);
        }
      }),
    );
  });

  it('checks never end or announce maintenance, and a held result announces nothing at all', () => {
    fc.assert(
      fc.property(histories, (history) => {
        for (const { before, step, happening: each } of live(history)) {
          if (each === 'forgotten' || 'maintenance' in each) continue;
          if (before.maintenance) expect(step.transition).toBeUndefined();
          if (!each.held) continue;
          expect(step.transition).toBeUndefined();
          expect(step.state).toEqual({ ...before, held: true });
        }
      }),
    );
  });

  it('what is measured beneath maintenance is what would be measured without', () => {
    fc.assert(
      fc.property(histories, (history) => {
        const without = history.map(([each, delta]): [Happening, number] => [
          each !== 'forgotten' && 'maintenance' in each ? { maintenance: false } : each,
          delta,
        ]);
        const measured = (list: readonly [Happening, number][]) =>
          live(list).map(({ step }) => step.state.measured_status);
        expect(measured(history)).toEqual(measured(without));
      }),
    );
  });

  it('time in all states sums to the window, held and maintenance included', () => {
    const statesOfTime = fc.tuple(histories, fc.integer({ min: 1, max: 5 }), fc.nat(100), fc.nat(100));
    fc.assert(
      fc.property(statesOfTime, ([history, batch, from, to]) => {
        const lived = live(history);
        const stored = record(
          lived.map(({ step }) => step),
          batch,
          START,
        );
        const end = Math.max(START, ...lived.map(({ at }) => at)) + 10_000;
        for (const [index, interval] of stored.entries()) {
          expect(interval.ended_at).toBe(stored[index + 1]?.started_at ?? null);
          if (interval.ended_at !== null) expect(interval.ended_at).toBeGreaterThan(interval.started_at);
          expect(stored[index + 1]?.state).not.toBe(interval.state);
        }
        const [first, last] = [from, to]
          .map((share) => START + ((end - START) * share) / 100)
          .toSorted((a, b) => a - b);
        const sum = stored.reduce((total, each) => total + overlap(each, first!, last!), 0);
        expect(sum).toBeCloseTo(last! - first!, 6);
        const { measured_status, ...flags } = lived.at(-1)?.step.state ?? {
          ...UP,
          measured_status: 'unknown',
        };
        expect(stored.at(-1)!.state).toBe(countedState(measured_status, flags));
      }),
    );
  });

  /** Stores the intervals as the database does: `batch` results at a time, from the open interval on. */
  function record(steps: readonly EndpointStep[], batch: number, start: number): Interval[] {
    const stored: Interval[] = [
      { state: 'unknown' satisfies EndpointState, started_at: start, ended_at: null },
    ];
    for (let index = 0; index < steps.length; index += batch) {
      const changes = intervals(steps.slice(index, index + batch));
      const { ended_at, begun } = continueTimeline(stored.at(-1), changes);
      stored.at(-1)!.ended_at = ended_at;
      stored.push(...begun);
    }
    return stored;
  }

  function overlap({ started_at, ended_at }: Interval, from: number, to: number): number {
    return Math.max(0, Math.min(ended_at ?? to, to) - Math.max(started_at, from));
  }
});
