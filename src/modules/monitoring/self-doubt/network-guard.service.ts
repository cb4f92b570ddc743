import { Injectable, Logger, type OnModuleDestroy } from '@nestjs/common';
import { Clock } from '../../../common/clock.js';
import { WorkFigures } from '../../../common/work-figures.js';
import { type CheckResult, unmeasured } from '../states/check-result.js';
import { isLocalHost } from './local-host.js';
import { NetworkDoubt } from './network-doubt.js';
import { Witnesses } from './witnesses.js';

/** How often the witnesses are asked while the network is lost. */
const RETRY_MS = 2_000;
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
    if (ok === null || this.isLocal(host)) return result;
    const now = this.clock.now().getTime();
    this.doubt.observe(host, ok, now);
    if (ok) return result;
    switch (this.doubt.judgeFailure(result.checked_at, now)) {
      case 'hold':
        return held(result);
      case 'ask':
        return this.afterAnswer(result);
      case 'believe':
        // Whatever fails while the question is open waits for its answer, so that nothing slips through before it.
        return this.question ? this.afterAnswer(result) : result;
    }
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
