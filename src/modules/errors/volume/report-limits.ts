import { Inject, Injectable } from '@nestjs/common';
import type { Principal } from '../../../common/access.js';
import { RateLimitExceeded, type RateStanding } from '../../../common/rate-limit.js';
import { CONFIG, type Config } from '../../../config/config.js';
import { MinuteCounts, secondsLeft } from './minute-counts.js';

/** Keys exist before they are counted; groups are whatever is reported. */
const MAX_KEYS = 100_000;
const MAX_GROUPS = 50_000;

/**
 * How many reports a minute one key, and one group, may bring. Each API process counts for itself: with several of them
 * behind a load balancer, a key may bring as many times more.
 */
@Injectable()
export class ReportLimits {
  private readonly keys = new MinuteCounts(MAX_KEYS);
  private readonly groups = new MinuteCounts(MAX_GROUPS);

  constructor(
    @Inject(CONFIG)
    private readonly config: Pick<Config, 'ERROR_LIMIT_PER_KEY' | 'ERROR_LIMIT_PER_GROUP'>,
  ) {}

  /** @throws RateLimitExceeded when the key has used up its minute */
  takeKey(principal: Principal, now: number): void {
    const limit = this.limitOf(principal);
    if (limit === 0 || this.keys.take(principal.id, limit, now)) return;
    throw new RateLimitExceeded(
      `This key may report ${limit} errors a minute.`,
      'key',
      secondsLeft(now),
      this.standing(principal, now),
    );
  }

  /** @throws RateLimitExceeded when the group has used up its minute */
  takeGroup(fingerprint: string, now: number): void {
    const limit = this.config.ERROR_LIMIT_PER_GROUP;
    if (limit === 0 || this.groups.take(fingerprint, limit, now)) return;
    throw new RateLimitExceeded(
      `One error may be reported ${limit} times a minute.`,
      'group',
      secondsLeft(now),
    );
  }

  /** What the key has left; undefined when it has no limit. */
  standing(principal: Principal, now: number): RateStanding | undefined {
    const quota = this.limitOf(principal);
    if (quota === 0) return undefined;
    const remaining = Math.max(0, quota - this.keys.count(principal.id, now));
    return { policy: 'errors', quota, windowSeconds: 60, remaining, resetSeconds: secondsLeft(now) };
  }

  private limitOf({ errorsPerMinute }: Principal): number {
    return errorsPerMinute ?? this.config.ERROR_LIMIT_PER_KEY;
  }
}
