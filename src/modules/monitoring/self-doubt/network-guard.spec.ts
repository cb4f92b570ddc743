import { Logger } from '@nestjs/common';
import { WorkFigures } from '../../../common/work-figures.js';
import type { CheckResult } from '../states/check-result.js';
import type { WitnessAnswer } from './network-doubt.js';
import { NetworkGuard } from './network-guard.service.js';
import type { Witnesses } from './witnesses.js';

Logger.overrideLogger(false);

/** A guard whose time stands still unless it is moved, and whose witnesses answer when they are told to. */
class Stage {
  now = 1_000_000;
  questions = 0;
  readonly figures = new WorkFigures();
  readonly guard: NetworkGuard;
  private answers: ((answer: WitnessAnswer) => void)[] = [];

  constructor() {
    const witnesses = {
      ask: () => {
        this.questions++;
        return new Promise<WitnessAnswer>((resolve) => this.answers.push(resolve));
      },
    } as unknown as Witnesses;
    this.guard = new NetworkGuard(witnesses, this.figures, { now: () => new Date(this.now) });
  }

  answer(says: WitnessAnswer): void {
    for (const resolve of this.answers.splice(0)) resolve(says);
  }

  /** Resolves once the witnesses have been asked `count` times. */
  async untilAsked(count: number): Promise<void> {
    while (this.questions < count) await new Promise((resolve) => setTimeout(resolve, 5));
  }

  judge(host: number | string, ok: boolean | null, startedAt = this.now): CheckResult | Promise<CheckResult> {
    const result = { endpoint_id: `e-${host}`, slot: startedAt, checked_at: startedAt, known_at: this.now };
    const measurement = { ok, status_code: null, error: 'Timeout', response_time_ms: null };
    const verdict = ok === null ? 'unknown' : ok ? 'operational' : 'major_outage';
    const given = { ...result, verdict, measurement } as unknown as CheckResult;
    return this.guard.judge(given, typeof host === 'number' ? `host-${host}.example.org` : host);
  }

  check(host: number | string, ok: boolean | null, startedAt = this.now): Promise<CheckResult> {
    return Promise.resolve(this.judge(host, ok, startedAt));
  }

  /** Loses the network by ten failures. */
  async lose(): Promise<void> {
    const failures = Array.from({ length: 10 }, (_, host) => this.check(host, false));
    await this.untilAsked(1);
    this.answer('silent');
    for (const failure of failures) expect((await failure).held).toBe(true);
  }
}

describe('NetworkGuard', () => {
  let stage: Stage;
  beforeEach(() => (stage = new Stage()));
  afterEach(() => stage.guard.onModuleDestroy());

  it('hands on what succeeds as it is, without a promise', () => {
    const result = stage.judge(1, true);
    expect(result).not.toBeInstanceOf(Promise);
    expect(result).toMatchObject({ verdict: 'operational' });
  });

  it('lets the failures of one burst wait for one answer, and holds all of them', async () => {
    const failures = Array.from({ length: 50 }, (_, host) => stage.check(host, false));
    await stage.untilAsked(1);
    const late = [stage.check(50, false), stage.check(51, null)];
    stage.answer('silent');
    for (const held of await Promise.all([...failures, ...late])) {
      expect(held).toMatchObject({
        verdict: 'unknown',
        held: true,
        known_at: held.checked_at,
        measurement: { ok: null, error: 'Not measured: this monitor has lost its network' },
      });
    }
    expect(stage.questions).toBe(1);
    expect(stage.figures.networkLostSince).toEqual(new Date(stage.now));
  });

  it('lets whatever fails while the question is open wait for its answer', async () => {
    const failures = [1, 2].map((host) => stage.check(host, false));
    await stage.untilAsked(1);
    for (let host = 10; host < 30; host++) await stage.check(host, true);
    let settled = false;
    const single = stage.check(99, false).finally(() => (settled = true));
    await new Promise((resolve) => setTimeout(resolve, 250));
    expect(settled).toBe(false);
    stage.answer('silent');
    for (const held of await Promise.all([...failures, single])) expect(held.held).toBe(true);
  });

  it('believes them when a witness is reached', async () => {
    const failures = Array.from({ length: 50 }, (_, host) => stage.check(host, false));
    await stage.untilAsked(1);
    stage.answer('reached');
    for (const result of await Promise.all(failures))
      expect(result).toMatchObject({ verdict: 'major_outage', measurement: { error: 'Timeout' } });
    expect(stage.figures.networkLostSince).toBeNull();
  });

  it('believes a single failure after a moment, and asks nobody', async () => {
    expect(await stage.check(1, false)).toMatchObject({ verdict: 'major_outage' });
    expect(stage.questions).toBe(0);
  });

  it('holds failures, and what could not be measured, while the network is lost; not what succeeds or is local', async () => {
    await stage.lose();
    expect(await stage.check(20, false)).toMatchObject({ held: true });
    expect(await stage.check(21, null)).toMatchObject({ held: true });
    expect(await stage.check(22, true)).not.toHaveProperty('held');
    expect(await stage.check('127.0.0.1', false)).toMatchObject({ verdict: 'major_outage' });
    expect(await stage.check('localhost', null)).not.toHaveProperty('held');
  });

  it('leaves alone what could not be measured on a normal day', async () => {
    const result = await stage.check(1, null);
    expect(result).toMatchObject({ verdict: 'unknown', measurement: { error: 'Timeout' } });
    expect(result).not.toHaveProperty('held');
  });

  it('asks again while it is lost, and goes on once a witness is reached', async () => {
    await stage.lose();
    await stage.untilAsked(2);
    stage.answer('silent');
    const before = stage.now;
    stage.now += 10_000;
    await stage.untilAsked(3);
    expect(await stage.check(30, false)).toMatchObject({ held: true });
    stage.answer('reached');
    while (stage.figures.networkLostSince) await new Promise((resolve) => setTimeout(resolve, 5));
    stage.now += 1;
    expect(await stage.check(31, false, before)).toMatchObject({ held: true });
    expect(await stage.check(32, true)).not.toHaveProperty('held');
  }, 15_000);

  it('holds nothing when no witness proves anything', async () => {
    const failures = Array.from({ length: 10 }, (_, host) => stage.check(host, false));
    await stage.untilAsked(1);
    stage.answer('unproven');
    for (const result of await Promise.all(failures)) expect(result.verdict).toBe('major_outage');
  });
});
