import { setTimeout as delay } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { Counter, Histogram } from 'prom-client';
import { Clock } from '../../../common/clock.js';
import { WorkFigures } from '../../../common/work-figures.js';
import type { CheckSlot } from '../../../queues/jobs.js';
import { type CheckResult, unmeasured, verdictOf } from '../states/check-result.js';
import { CheckResultsWriter } from '../states/check-results.writer.js';
import { CheckTargetsReader, type WatchedEndpoint } from './check-targets.reader.js';
import { GuardedResolver } from '../../../common/outgoing/guarded-resolver.js';
import { CHECKERS } from '../checkers/checker-registry.js';
import { measure } from '../checkers/measure.js';
import { NetworkGuard } from '../self-doubt/network-guard.service.js';
import { Turnstile } from './turnstile.js';

/** How much later than its whole interval a slot may still be checked. */
const GRACE_MS = 5_000;
/** Slots that lie this close together begin in one burst: bursts cost a fraction of checks that begin one by one. */
const BURST_MS = 200;
/** A slot older than this is not even recorded: its partition may be gone. */
const FORGOTTEN_MS = 86_400_000;

/**
 * Bursts are let in a hundred at a time: more at once would only wait for this process, and look like slow answers.
 * Two thousand a second begin even if every single one hangs.
 */
const TURNSTILE = { width: 100, patienceMs: 50 };

const checksTotal = new Counter({
  name: 'watchkeep_checks_total',
  help: 'Checks, by what they alone say: operational, degraded, major_outage or unknown.',
  labelNames: ['result'] as const,
});

const checkDuration = new Histogram({
  name: 'watchkeep_check_duration_seconds',
  help: 'Time until the last byte of an answer, of checks that got one.',
  buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
});

const checkLateness = new Histogram({
  name: 'watchkeep_check_lateness_seconds',
  help: 'How long after its slot a scheduled check began.',
  buckets: [0.1, 0.25, 0.5, 0.75, 1, 1.5, 2.5, 5, 10, 30, 60, 300],
});

/** Makes the checks of a batch side by side and stores their results. */
@Injectable()
export class CheckRunner {
  private readonly turnstile = new Turnstile(TURNSTILE);

  constructor(
    private readonly targets: CheckTargetsReader,
    private readonly resolver: GuardedResolver,
    private readonly results: CheckResultsWriter,
    private readonly clock: Clock,
    private readonly network: NetworkGuard,
    private readonly figures: WorkFigures,
  ) {}

  /** Scheduled slots, each in its time. Endpoints deleted or disabled since are skipped. */
  async runSlots(slots: readonly CheckSlot[]): Promise<void> {
    const endpoints = await this.targets.load(slots.map(([id]) => id));
    await all(
      bursts(slots).map(async (burst) => {
        await this.untilDue(burst);
        await all(burst.map(([id, slot]) => this.runSlot(endpoints.get(id), slot)));
      }),
    );
  }

  /** Batches are handed out a beat ahead; a burst begins with its last slot, so that none is checked before its time. */
  private async untilDue(burst: readonly CheckSlot[]): Promise<void> {
    const ahead = burst.at(-1)![1] - this.clock.now().getTime();
    // A timer may fire a fraction of a millisecond early.
    if (ahead > 0) await delay(ahead + 1);
  }

  private async runSlot(endpoint: WatchedEndpoint | undefined, slot: number): Promise<void> {
    if (!endpoint?.enabled || endpoint.last_slot === slot) return;
    const now = this.clock.now().getTime();
    if (isStale(endpoint, slot, now)) return this.giveUp(endpoint.id, slot, now);
    const { checked_at } = await this.checkAndStore(endpoint, slot);
    const lateness = Math.max(0, checked_at - slot);
    checkLateness.observe(lateness / 1_000);
    this.figures.checkMade(lateness, checked_at);
  }

  /**
   * Checks endpoints out of turn. `slot` is the time of the request, so that a repeated job stores nothing new;
   * `onResult` hears of each check once it is stored.
   */
  async runNow(
    ids: readonly string[],
    slot: number,
    onResult: (result: CheckResult) => void = () => undefined,
  ): Promise<void> {
    const endpoints = await this.targets.load(ids);
    await all(
      [...endpoints.values()].map(async (endpoint) =>
        onResult(await this.checkAndStore(endpoint, slot, true)),
      ),
    );
  }

  private async checkAndStore(
    endpoint: WatchedEndpoint,
    slot: number,
    isAwaited = false,
  ): Promise<CheckResult> {
    const found = await this.turnstile.pass(() => this.check(endpoint, slot));
    const result = endpoint.target ? await this.network.judge(found, endpoint.host) : found;
    checksTotal.inc({ result: result.verdict });
    if (result.measurement.response_time_ms !== null) {
      checkDuration.observe(result.measurement.response_time_ms / 1_000);
    }
    await (isAwaited ? this.results.writeSoon(result) : this.results.write(result));
    return result;
  }

  private async check(endpoint: WatchedEndpoint, slot: number): Promise<CheckResult> {
    const checked_at = this.clock.now().getTime();
    const named = { endpoint_id: endpoint.id, slot };
    if (!endpoint.target) {
      const reason = 'Not checked: the stored credentials cannot be decrypted, SECRET_KEY has changed';
      return unmeasured({ ...named, since: checked_at }, checked_at, reason);
    }
    const measurement = await measure(CHECKERS[endpoint.kind], endpoint.target, this.resolver);
    const verdict = verdictOf(measurement, endpoint.degraded_threshold_ms);
    return { ...named, checked_at, known_at: this.clock.now().getTime(), verdict, measurement };
  }

  /**
   * A slot whose turn is long over: it waited for a dead worker, or the queue is behind. The next slot has come up
   * meanwhile and covers now; checking this one would say nothing about then, and a queue that is behind must not fall
   * further behind. It is recorded as unmeasured rather than left out, so that the gap shows.
   */
  private async giveUp(endpoint_id: string, slot: number, now: number): Promise<void> {
    if (now - slot > FORGOTTEN_MS) return;
    checksTotal.inc({ result: 'unknown' });
    await this.results.write(
      unmeasured({ endpoint_id, slot, since: slot }, now, 'Not checked in time: no worker was free'),
    );
  }
}

/** Slots that can begin together, in order of time. */
function bursts(slots: readonly CheckSlot[]): CheckSlot[][] {
  const found: CheckSlot[][] = [];
  for (const slot of [...slots].sort(([, a], [, b]) => a - b)) {
    const burst = found.at(-1);
    if (burst && slot[1] - burst[0]![1] <= BURST_MS) burst.push(slot);
    else found.push([slot]);
  }
  return found;
}

function isStale(endpoint: WatchedEndpoint, slot: number, now: number): boolean {
  return now > slot + endpoint.interval_ms + GRACE_MS;
}

/** Waits for all, then fails as the first that failed: no work is left running behind a job that has ended. */
async function all(work: readonly Promise<unknown>[]): Promise<void> {
  const outcomes = await Promise.allSettled(work);
  const failed = outcomes.find((outcome) => outcome.status === 'rejected');
  if (failed) throw failed.reason;
}
