import { Injectable } from '@nestjs/common';
import type { Principal } from '../../../common/access.js';
import { Clock } from '../../../common/clock.js';
import { CodedException } from '../../../common/coded-exception.js';
import { RateLimitExceeded, rateLimitHeaders } from '../../../common/rate-limit.js';
import { refusedErrors } from '../error-metrics.js';
import { LossLedger } from './loss-ledger.js';
import { ReportLimits } from './report-limits.js';
import { SpikeGuard } from './spike-guard.js';

/** A report that may be worked on: to be asked once more when its group is known. */
export interface Admission {
  source: string;
  /** @throws RateLimitExceeded */
  enterGroup(fingerprint: string): void;
}

/** Which reports are taken at all, and what becomes of the others: the limits and the ledger, for the intake. */
@Injectable()
export class ReportGate {
  constructor(
    private readonly limits: ReportLimits,
    private readonly spikes: SpikeGuard,
    private readonly ledger: LossLedger,
    private readonly clock: Clock,
  ) {}

  /** Before any work. @throws RateLimitExceeded */
  admit(source: string, principal: Principal): Admission {
    const now = this.clock.now().getTime();
    const over = this.spikes.count(source, now);
    this.limits.takeKey(principal, now);
    return {
      source,
      enterGroup: (fingerprint) => {
        this.spikes.judge(over, fingerprint, now);
        this.limits.takeGroup(fingerprint, now);
      },
    };
  }

  /** A report that was not stored. The source is empty when it could not be read. */
  refused(source: string, thrown: unknown): void {
    const { outcome, reason, metric } = lossOf(thrown);
    refusedErrors.inc({ reason: metric });
    this.ledger.add({ source, outcome, reason });
  }

  /** A report that had been stored before: nothing was counted. */
  repeated(source: string): void {
    this.ledger.add({ source, outcome: 'repeated' });
  }

  /** `RateLimit` headers that say what the caller has left; none when it has no limit. */
  headers(principal: Principal): Record<string, string> | undefined {
    const standing = this.limits.standing(principal, this.clock.now().getTime());
    return standing && rateLimitHeaders(standing);
  }
}

interface LossOf {
  outcome: 'limited' | 'invalid' | 'forbidden' | 'failed';
  reason: string;
  metric: string;
}

function lossOf(thrown: unknown): LossOf {
  if (thrown instanceof RateLimitExceeded)
    return { outcome: 'limited', reason: thrown.reason, metric: 'limited' };
  const code = thrown instanceof CodedException ? thrown.code : undefined;
  switch (code) {
    case 'OVERLOADED':
      return { outcome: 'limited', reason: 'overloaded', metric: 'overloaded' };
    case 'VALIDATION_FAILED':
    case 'PAYLOAD_TOO_LARGE':
    case 'UNSUPPORTED_MEDIA_TYPE':
      return { outcome: 'invalid', reason: '', metric: 'invalid' };
    case 'FORBIDDEN':
      return { outcome: 'forbidden', reason: '', metric: 'forbidden' };
    default:
      return { outcome: 'failed', reason: '', metric: 'failed' };
  }
}
