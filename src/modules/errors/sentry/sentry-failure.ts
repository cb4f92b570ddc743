import { type CodedException, ERROR_CODES } from '../../../common/coded-exception.js';
import type { DirectAnswer } from '../../../common/http/direct/direct-route.js';
import { RateLimitExceeded } from '../../../common/rate-limit.js';

/** Words of Sentry’s rate-limit headers: what kind of item is limited. */
export type Category = 'error' | 'monitor';

const DEFAULT_RETRY_S = 60;

/** A limit that is on one kind of item only. */
export class CategoryLimit extends RateLimitExceeded {
  constructor(
    limit: CodedException,
    readonly category: Category,
  ) {
    const { reason, standing } = limit instanceof RateLimitExceeded ? limit : NO_REASON;
    super(limit.message, reason, limit.retryAfter ?? DEFAULT_RETRY_S, standing);
  }
}

const NO_REASON = { reason: 'rate_limit', standing: undefined };

/**
 * A failure as Sentry’s SDKs read it: the reason in `X-Sentry-Error`, and of a limit how long it holds and for what
 * (`seconds:categories:scope:reason`), so that they send nothing of that kind meanwhile. One error that comes too often
 * must not silence all others: its limit holds for 0 seconds, and without the header the SDKs would be quiet for a minute.
 */
export function sentryFailure(failure: CodedException): DirectAnswer {
  const { code, message, retryAfter = DEFAULT_RETRY_S } = failure;
  const reason = [message, ...(failure.details ?? []).map(({ field, message: why }) => `${field} ${why}`)];
  const headers: Record<string, string> = { 'X-Sentry-Error': headerText(reason.join(' ')) };
  if (failure instanceof CategoryLimit) {
    const { category, reason: limit } = failure;
    headers['Retry-After'] = String(retryAfter);
    headers['X-Sentry-Rate-Limits'] = `${limit === 'group' ? 0 : retryAfter}:${category}:key:${limit}`;
  }
  return {
    status: ERROR_CODES[code],
    headers,
    body: JSON.stringify({ detail: message, causes: reason.slice(1) }),
  };
}

function headerText(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, '?').slice(0, 500);
}
