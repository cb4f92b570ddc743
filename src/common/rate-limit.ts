import { CodedException } from './coded-exception.js';

/** How much of an allowance is left. */
export interface RateStanding {
  /** Names the allowance in headers. */
  policy: string;
  /** How many within one window, and how long that is, in seconds. */
  quota: number;
  windowSeconds: number;
  /** How many are left of it, and for how many seconds it is still the same window. */
  remaining: number;
  resetSeconds: number;
}

/** Too many within a while. */
export class RateLimitExceeded extends CodedException {
  constructor(
    message: string,
    /** Which limit it was: a word for figures. */
    readonly reason: string,
    retryAfter: number,
    readonly standing?: RateStanding,
  ) {
    super('RATE_LIMIT_EXCEEDED', message, undefined, retryAfter);
  }
}

/**
 * The headers of draft-ietf-httpapi-ratelimit-headers: `"errors";q=1000;w=60` is the rule, `"errors";r=950;t=30` what is
 * left of it.
 */
export function rateLimitHeaders({
  policy,
  quota,
  windowSeconds,
  remaining,
  resetSeconds,
}: RateStanding): Record<string, string> {
  return {
    'RateLimit-Policy': `"${policy}";q=${quota};w=${windowSeconds}`,
    RateLimit: `"${policy}";r=${remaining};t=${resetSeconds}`,
  };
}
