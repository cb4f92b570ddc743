import { CodedException, ERROR_CODES } from '../../../common/coded-exception.js';
import type { DirectAnswer } from '../../../common/http/direct/direct-route.js';

/** Words of Sentry’s rate-limit headers: what kind of item is limited. */
export type Category = 'error' | 'monitor';

const DEFAULT_RETRY_S = 60;

/** A limit that is on one kind of item only. */
export class CategoryLimit extends CodedException {
  constructor(
    { message, retryAfter }: CodedException,
    readonly category: Category,
  ) {
    super('RATE_LIMIT_EXCEEDED', message, undefined, retryAfter ?? DEFAULT_RETRY_S);
  }
}

/**
 * A failure as Sentry’s SDKs read it: the reason in `X-Sentry-Error`, and of a limit how long it holds and for what
 * (`seconds:categories:scope:reason`), so that they send nothing of that kind meanwhile.
 */
export function sentryFailure(failure: CodedException): DirectAnswer {
  const { code, message, retryAfter = DEFAULT_RETRY_S } = failure;
  const reason = [message, ...(failure.details ?? []).map(({ field, message: why }) => `${field} ${why}`)];
  const headers: Record<string, string> = { 'X-Sentry-Error': headerText(reason.join(' ')) };
  if (code === 'RATE_LIMIT_EXCEEDED') {
    const category = failure instanceof CategoryLimit ? failure.category : 'error';
    headers['Retry-After'] = String(retryAfter);
    headers['X-Sentry-Rate-Limits'] = `${retryAfter}:${category}:key:rate_limit`;
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
