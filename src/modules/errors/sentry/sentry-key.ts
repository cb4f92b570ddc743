import type { IncomingHttpHeaders } from 'node:http';

const KEY_IN_HEADER = /\bsentry_key\s{0,4}=\s{0,4}"?([\w-]{1,128})/i;
const KEY_IN_DSN = /^https?:\/\/([\w-]{1,128})(?::[^@/]{0,128})?@/i;

interface Carriers {
  /** Of the address, with its question mark. */
  query: string;
  headers: IncomingHttpHeaders;
}

/** The key that the head of a request of a Sentry SDK carries: in its address or a header. */
export function sentryKeyOf({ query, headers }: Carriers): string | undefined {
  return keyInQuery(query) ?? keyInHeaders(headers);
}

function keyInQuery(query: string): string | undefined {
  return query === '' ? undefined : (new URLSearchParams(query).get('sentry_key') ?? undefined);
}

function keyInHeaders(headers: IncomingHttpHeaders): string | undefined {
  for (const header of [headers['x-sentry-auth'], headers.authorization]) {
    if (typeof header !== 'string' || !/^\s{0,4}sentry\b/i.test(header)) continue;
    return KEY_IN_HEADER.exec(header.slice(0, 1_024))?.[1];
  }
  return undefined;
}

/** The key in the DSN that an envelope names. */
export function keyInDsn(dsn: unknown): string | undefined {
  return typeof dsn === 'string' ? KEY_IN_DSN.exec(dsn)?.[1] : undefined;
}
