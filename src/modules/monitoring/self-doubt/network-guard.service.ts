import { setTimeout as delay } from 'node:timers/promises';
import { Injectable, Logger, type OnModuleDestroy } from '@nestjs/common';
import { Clock } from '../../../common/clock.js';
import { WorkFigures } from '../../../common/work-figures.js';
import { type CheckResult, unmeasured } from '../states/check-result.js';
import { isLocalHost } from './local-host.js';
import { type FailureVerdict, NetworkDoubt } from './network-doubt.js';
import { Witnesses } from './witnesses.js';

/** How often the witnesses are asked while the network is lost. */
const RETRY_MS = 2_000;
/** How long a failure waits for company: many fail at once when the network goes, and the first must not be taken alone. */
const PAUSE_MS = 100;
const REASON = 'Not measured: this monitor has lost its network';

/**
 * Every result passes through here before it moves a state: a worker that has lost its network knows nothing about its
 * endpoints, and must not report their outage. While all is well this costs a look at a small table.
 */
@Injectable()
export class NetworkGuard implements OnModuleDestroy {
  private readonly logger = new Logger(NetworkGuard.name);
  private readonly doubt = new NetworkDoubt();
  private question: Promise<void> | undefined;
  private pause: Promise<void> | undefined;
  private timer: NodeJS.Timeout | undefined;
  private stopping = false;
  /** Replaced by tests, whose servers are all on this machine. */
  isLocal: (host: string) => boolean = isLocalHost;

  constructor(
    private readonly witnesses: Witnesses,
    private readonly figures: WorkFigures,
    private readonly clock: Clock,
  ) {}

  onModuleDestroy(): void {
    this.stopping = true;
    clearTimeout(this.timer);
  }

  /** The result to store: the one that is given, or one that says that nothing was measured. `host` is what was checked. */
  judge(result: CheckResult, host: string): CheckResult | Promise<CheckResult> {
    const { ok } = result.measurement;
    if (this.isLocal(host)) return result;
    // What could not be measured, because name lookups get no answer, proves nothing, but may have the same cause.
    if (ok !== null) this.doubt.observe(host, ok, this.clock.now().getTime());
    return ok ? result : this.judgeFailure(result);
  }

  private async judgeFailure(result: CheckResult): Promise<CheckResult> {
    const first = this.verdictOn(result);
    if (first === 'believe') await this.company();
    switch (first === 'believe' ? this.verdictOn(result) : first) {
      case 'hold':
        return held(result);
      case 'ask':
        return this.afterAnswer(result);
      case 'believe':
        return result;
    }
  }

  /** Whatever fails while the question is open waits for its answer, so that nothing slips through before it. */
  private verdictOn({ checked_at }: CheckResult): FailureVerdict {
    const verdict = this.doubt.judgeFailure(checked_at, this.clock.now().getTime());
    return verdict === 'believe' && this.question ? 'ask' : verdict;
  }

  private company(): Promise<void> {
    this.pause ??= delay(PAUSE_MS).finally(() => (this.pause = undefined));
    return this.pause;
  }

  private async afterAnswer(result: CheckResult): Promise<CheckResult> {
    await this.ask();
    return this.doubt.mustHold(result.checked_at) ? held(result) : result;
  }

  /** Two seconds at most. */
  private ask(): Promise<void> {
    this.question ??= this.hearWitnesses().finally(() => (this.question = undefined));
    return this.question;
  }

  private async hearWitnesses(): Promise<void> {
    const askedAt = this.clock.now().getTime();
    const before = this.doubt.lostAt;
    const answer = await this.witnesses.ask();
    this.doubt.hear(answer, askedAt, this.clock.now().getTime());
    const after = this.doubt.lostAt;
    if (after !== before) this.tell(after);
    if (after !== null && !this.stopping) {
      this.timer = setTimeout(() => void this.ask(), RETRY_MS).unref();
    }
  }

  private tell(lostAt: number | null): void {
    this.figures.networkLostSince = lostAt === null ? null : new Date(lostAt);
    if (lostAt === null) this.logger.log('The network is back');
    else
      this.logger.warn('This worker has lost its network: failed checks are not believed until it is back');
  }
}

/** Of this slot nothing is known. */
function held(result: CheckResult): CheckResult {
  const { endpoint_id, slot, checked_at } = result;
  const nothing = unmeasured({ endpoint_id, slot, since: checked_at }, checked_at, REASON);
  return { ...result, ...nothing, held: true };
}
