import { CheckFailure } from './check-failure.js';
import type { HopRequest } from './exchange.js';

const REDIRECTS = new Set([301, 302, 303, 307, 308]);

/** Headers that cannot carry a credential: all others stay with the origin that they were meant for. */
const HARMLESS = new Set([
  'accept',
  'accept-language',
  'cache-control',
  'content-type',
  'pragma',
  'user-agent',
]);

export function isRedirect(status: number, location: string | undefined): location is string {
  return location !== undefined && REDIRECTS.has(status);
}

/**
 * The request that a redirect asks for, by the rules of browsers: 303 turns everything but HEAD into GET, 301 and 302
 * turn POST into GET, 307 and 308 repeat the request as it was.
 * @throws CheckFailure when the new address cannot be followed
 */
export function followRedirect(from: HopRequest, status: number, location: string): HopRequest {
  const url = parseLocation(location, from.url);
  const toGet = (status === 303 && from.method !== 'HEAD') || (status < 303 && from.method === 'POST');
  const sameOrigin = url.origin === from.url.origin;
  const headers = Object.entries(from.headers).filter(([name]) => {
    const lower = name.toLowerCase();
    if (toGet && lower.startsWith('content-')) return false;
    return sameOrigin || HARMLESS.has(lower);
  });
  return {
    ...from,
    url,
    method: toGet ? 'GET' : from.method,
    body: toGet ? null : from.body,
    headers: { ...Object.fromEntries(headers), ...(sameOrigin ? {} : { Host: url.host }) },
    tls: sameOrigin ? from.tls : from.tls_elsewhere,
  };
}

function parseLocation(location: string, base: URL): URL {
  if (!URL.canParse(location, base.href))
    throw new CheckFailure('Redirected to an address that is not valid');
  const url = new URL(location, base);
  if (url.protocol === 'http:' || url.protocol === 'https:') return url;
  throw new CheckFailure(`Redirected to an address that is neither http nor https (${url.protocol})`);
}
