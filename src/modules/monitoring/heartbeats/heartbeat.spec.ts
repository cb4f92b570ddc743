import fc from 'fast-check';
import { applyMiss, applySignal, type Heartbeat, NEVER_HEARD, rearm, type Signal } from './heartbeat.js';
import type { HeartbeatSchedule } from './heartbeat-schedule.js';
import { pushOptions } from './push-options.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

const schedule = (options: object = {}): HeartbeatSchedule => ({
  interval_ms: HOUR,
  options: pushOptions.parse({ grace: '5m', ...options }),
});
const signal = (kind: Signal['kind'], more: Partial<Signal> = {}): Signal => ({
  kind,
  exit_code: null,
  message: null,
  duration_ms: null,
  ...more,
});
const after = (given: HeartbeatSchedule, signals: [Signal['kind'], number][]): Heartbeat =>
  signals.reduce<Heartbeat>(
    (before, [kind, at]) => applySignal(before, signal(kind), given, at),
    NEVER_HEARD,
  );

describe('heartbeats', () => {
  it('wait for the next from the first one on', () => {
    expect(NEVER_HEARD.deadline).toBeNull();
    expect(after(schedule(), [['success', 1_000]])).toMatchObject({
      expected_at: 1_000 + HOUR,
      deadline: 1_000 + HOUR + 5 * MINUTE,
    });
  });

  it.each(['success', 'fail'] as const)('%s ends a run, and tells how long it took', (end) => {
    const state = after(schedule(), [
      ['start', 1_000],
      [end, 5_000],
    ]);
    expect(state).toMatchObject({ run_started_at: null, last_duration_ms: 4_000, last_kind: end });
  });

  it('take the duration that was reported only when the start was not', () => {
    const given = signal('success', { duration_ms: 7 });
    expect(applySignal(NEVER_HEARD, given, schedule(), 1).last_duration_ms).toBe(7);
    const running = after(schedule(), [['start', 1_000]]);
    expect(applySignal(running, given, schedule(), 3_000).last_duration_ms).toBe(2_000);
  });

  describe('with a limit for runs', () => {
    const limited = schedule({ max_run_time: '10m' });

    it('wait for the end of a run that has begun', () => {
      const state = after(limited, [
        ['success', 0],
        ['start', HOUR],
      ]);
      expect(state.deadline).toBe(HOUR + 10 * MINUTE);
    });

    it('keep the limit of the first when it begins again without an end', () => {
      const state = after(limited, [
        ['start', 0],
        ['start', 3 * MINUTE],
        ['start', 6 * MINUTE],
      ]);
      expect(state).toMatchObject({ deadline: 10 * MINUTE, run_started_at: 6 * MINUTE });
    });

    it('name the run that has not ended, and wait for the next heartbeat', () => {
      const running = after(limited, [['start', 0]]);
      const { reason, heartbeat } = applyMiss(running, limited, 10 * MINUTE);
      expect(reason).toBe('Started at 1970-01-01T00:00:00.000Z, not finished within 10m');
      expect(heartbeat).toMatchObject({ run_started_at: null, expected_at: 10 * MINUTE + HOUR });
    });
  });

  it('without a limit, a start changes nothing about what is expected', () => {
    const waiting = after(schedule(), [['success', 0]]);
    expect(applySignal(waiting, signal('start'), schedule(), HOUR)).toMatchObject({
      expected_at: HOUR,
      deadline: HOUR + 5 * MINUTE,
      run_started_at: HOUR,
    });
  });

  it('are missed once each, at the times that they were expected', () => {
    let state = after(schedule(), [['success', 0]]);
    const missed: number[] = [];
    for (let now = 0; now <= 3.5 * HOUR; now += MINUTE) {
      if (now < state.deadline!) continue;
      missed.push(state.expected_at!);
      state = applyMiss(state, schedule(), now).heartbeat;
    }
    expect(missed).toEqual([HOUR, 2 * HOUR, 3 * HOUR]);
  });

  it('that are long missed are missed once', () => {
    const { reason, heartbeat } = applyMiss(after(schedule(), [['success', 0]]), schedule(), 50 * HOUR);
    expect(reason).toBe(
      'No heartbeat since 1970-01-01T00:00:00.000Z; one was expected at 1970-01-01T01:00:00.000Z',
    );
    expect(heartbeat.deadline).toBeGreaterThan(50 * HOUR);
  });

  it('count a new schedule from the moment it is made, unless they are waited for no more', () => {
    const quick = { ...schedule(), interval_ms: MINUTE };
    expect(rearm(after(schedule(), [['success', 0]]), quick, 30 * MINUTE).expected_at).toBe(31 * MINUTE);
    expect(rearm(NEVER_HEARD, quick, 30 * MINUTE)).toBe(NEVER_HEARD);
  });

  it('whatever happens, something is waited for after now', () => {
    const step = fc.record({
      kind: fc.constantFrom<Signal['kind'] | 'nothing'>('success', 'fail', 'start', 'nothing'),
      pause: fc.integer({ min: 1, max: 5 * HOUR }),
    });
    const limit = fc.constantFrom(null, '1m', '2h');
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 30 }), limit, (steps, max_run_time) => {
        const given = schedule({ max_run_time });
        let state = NEVER_HEARD;
        let now = 1;
        for (const { kind, pause } of steps) {
          if (kind !== 'nothing') state = applySignal(state, signal(kind), given, now);
          now += pause;
          if (state.deadline !== null && state.deadline <= now)
            state = applyMiss(state, given, now).heartbeat;
          if (state.deadline !== null) expect(state.deadline).toBeGreaterThan(now);
        }
      }),
    );
  });
});
