import type { CheckTarget, EndpointAuth } from './checker.js';

const USER_AGENT = 'Watchkeep (uptime check)';

/** The headers of a request: those of the endpoint, and for what it leaves out ours and `defaults`. */
export function requestHeaders(
  { headers, auth }: Pick<CheckTarget, 'headers' | 'auth'>,
  defaults: Readonly<Record<string, string>>,
): Record<string, string> {
  const given = new Set(Object.keys(headers).map((name) => name.toLowerCase()));
  const ours = Object.entries({
    ...defaults,
    'User-Agent': USER_AGENT,
    ...(auth && { Authorization: authorization(auth) }),
  }).filter(([name]) => !given.has(name.toLowerCase()));
  return { ...Object.fromEntries(ours), ...headers };
}

function authorization(auth: EndpointAuth): string {
  switch (auth.type) {
    case 'basic':
      return `Basic ${Buffer.from(`${auth.username}:${auth.password}`).toString('base64')}`;
    case 'bearer':
      return `Bearer ${auth.token}`;
  }
}
