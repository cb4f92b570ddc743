import type { CheckResult } from './check-result.js';
import { unmeasured } from './check-result.js';
import type { StateRules, Verdict } from './endpoint-state.js';
import { observeRegion, type RegionalEndpoint, type RegionalStep, type RegionState } from './regions.js';

const RULES: StateRules = {
  interval_ms: 60_000,
  retries: 0,
  retry_interval_ms: 10_000,
  failure_threshold: 1,
  recovery_threshold: 1,
};

/** An endpoint that three regions check, in virtual time: a slot a minute. */
class Stage {
  known: RegionalEndpoint;
  readonly states = new Map<string, RegionState>();
  steps: RegionalStep[] = [];

  constructor(rules: Partial<StateRules> = {}, quorum: RegionalEndpoint['quorum'] = 'majority') {
    this.known = {
      status: 'unknown',
      measured_status: 'unknown',
      status_since: 0,
      consecutive_failures: 0,
      consecutive_successes: 0,
      maintenance: false,
      held: false,
      flapping: false,
      outcomes: 1,
      last_slot: null,
      regions: ['eu', 'us', 'asia'],
      quorum,
      rules: { ...RULES, ...rules },
    };
  }

  /** What each region finds in a slot: `{eu: 'operational'}`. */
  slot(minute: number, found: Record<string, Verdict>, more: Partial<CheckResult> = {}): this {
    for (const [region, verdict] of Object.entries(found)) {
      const slot = minute * 60_000;
      const ok = verdict === 'unknown' ? null : verdict !== 'major_outage';
      const nothing = unmeasured({ endpoint_id: 'id', slot, since: slot }, slot, 'nothing');
      const error = ok ? null : `${region} failed`;
      const result = { ...nothing, verdict, ...more, measurement: { ...nothing.measurement, ok, error } };
      const step = observeRegion(this.known, this.states, region, result);
      if (!step) continue;
      for (const state of step.regions) this.states.set(state.region, state);
      this.steps.push(step);
      this.known = { ...this.known, ...step.state, last_slot: Math.max(this.known.last_slot ?? 0, slot) };
    }
    return this;
  }

  get status() {
    return this.known.status;
  }
}

const ALL_UP = { eu: 'operational', us: 'operational', asia: 'operational' } as const;

describe('an endpoint that several regions check', () => {
  it('is what the first region says, until others have said something', () => {
    expect(new Stage().slot(1, { eu: 'major_outage' }).status).toBe('major_outage');
    expect(new Stage().slot(1, { eu: 'operational' }).status).toBe('operational');
  });

  it('is partly down with one region, down with the quorum, and up again without', () => {
    const stage = new Stage().slot(1, ALL_UP);
    expect(stage.slot(2, { eu: 'major_outage' }).status).toBe('partial_outage');
    expect(stage.slot(2, { us: 'major_outage' }).status).toBe('major_outage');
    expect(stage.slot(3, { us: 'operational' }).status).toBe('partial_outage');
    expect(stage.slot(3, { eu: 'operational' }).status).toBe('operational');
  });

  it.each([
    ['any', 'major_outage'],
    ['majority', 'partial_outage'],
    ['all', 'partial_outage'],
  ] as const)('with quorum %s and one region down it is %s', (quorum, status) => {
    expect(new Stage({}, quorum).slot(1, ALL_UP).slot(2, { asia: 'major_outage' }).status).toBe(status);
  });

  it('believes a region as slowly as it would believe the only one, and repeats quickly for it', () => {
    const stage = new Stage({ retries: 1, failure_threshold: 2 }).slot(1, ALL_UP);
    stage.slot(2, { eu: 'major_outage' });
    expect(stage.status).toBe('operational');
    expect(stage.steps.at(-1)!.retry_at).toBe(2 * 60_000 + 10_000);
    expect(stage.slot(3, { eu: 'major_outage' }).status).toBe('partial_outage');
  });

  it('does not count a region that has been silent for three intervals', () => {
    const stage = new Stage().slot(1, ALL_UP).slot(2, { eu: 'major_outage' });
    stage.slot(3, { us: 'operational' }).slot(4, { us: 'operational' }).slot(5, { us: 'operational' });
    expect(stage.status).toBe('partial_outage');
    expect(stage.slot(6, { us: 'operational' }).status).toBe('operational');
  });

  it('does not count a region that measures nothing, and is unknown when none does', () => {
    const stage = new Stage().slot(1, ALL_UP).slot(2, { eu: 'major_outage', us: 'unknown' });
    expect(stage.status).toBe('partial_outage');
    expect(stage.slot(3, { asia: 'unknown' }).status).toBe('major_outage');
    expect(stage.slot(4, { eu: 'unknown' }).status).toBe('unknown');
  });

  it('goes by the other regions when one has lost its network, and is held when all have', () => {
    const stage = new Stage().slot(1, ALL_UP).slot(2, { eu: 'unknown', us: 'unknown' }, { held: true });
    expect(stage.known).toMatchObject({ status: 'operational', held: false });
    stage.slot(2, { asia: 'unknown' }, { held: true });
    expect(stage.known).toMatchObject({ status: 'operational', held: true });
    expect(stage.steps.at(-1)!.interval).toEqual({ to: 'unknown', at: 2 * 60_000 });
    stage.slot(3, { us: 'operational' });
    expect(stage.known).toMatchObject({ status: 'operational', held: false });
    expect(stage.steps.flatMap((step) => step.transition ?? [])).toHaveLength(1);
  });

  it('is unknown in all regions where nobody handed out its checks', () => {
    const stage = new Stage()
      .slot(1, ALL_UP)
      .slot(9, { us: 'unknown' }, { everywhere: true, known_at: 2 * 60_000 });
    expect([...stage.states.values()].map((state) => state.status)).toEqual(Array(3).fill('unknown'));
    expect(stage.steps.at(-1)!.transition).toEqual({ from: 'operational', to: 'unknown', at: 2 * 60_000 });
  });

  it('takes no notice of older results of a region, nor of regions that are not its own', () => {
    const stage = new Stage().slot(3, ALL_UP);
    const before = stage.steps.length;
    stage.slot(2, { eu: 'major_outage' }).slot(4, { mars: 'major_outage' });
    expect(stage.steps).toHaveLength(before);
    expect(stage.status).toBe('operational');
  });

  it('says why it is down as long as a region is', () => {
    const stage = new Stage().slot(1, ALL_UP).slot(2, { eu: 'major_outage', us: 'operational' });
    expect(stage.steps.at(-1)!.last_error).toBe('eu failed');
    expect(stage.slot(3, { eu: 'operational' }).steps.at(-1)!.last_error).toBeNull();
  });

  it('counts a slot once for flapping, by what the regions say together', () => {
    const stage = new Stage().slot(1, ALL_UP).slot(2, ALL_UP).slot(3, { eu: 'major_outage' });
    expect(stage.known.outcomes).toBe(0b1110);
  });
});
