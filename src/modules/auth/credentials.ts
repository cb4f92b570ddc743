import { parseCookie } from 'cookie';

export const SESSION_COOKIE = 'watchkeep_session';

/** What a request presents: a key, the public key of a DSN, or the token of a session. */
export interface Credentials {
  kind: 'api_key' | 'public_key' | 'session';
  token: string;
}

interface CredentialHeaders {
  'x-api-key'?: string | string[];
  authorization?: string;
  cookie?: string;
}

/** A key wins over a cookie: a program in a signed-in browser means the key it sends. */
export function credentialsOf(headers: CredentialHeaders): Credentials | undefined {
  const key = headers['x-api-key'];
  if (typeof key === 'string' && key) return { kind: 'api_key', token: key };
  const bearer = /^Bearer +(\S+)$/i.exec(headers.authorization ?? '');
  if (bearer) return { kind: 'api_key', token: bearer[1]! };
  const session = parseCookie(headers.cookie ?? '')[SESSION_COOKIE];
  return session ? { kind: 'session', token: session } : undefined;
}
