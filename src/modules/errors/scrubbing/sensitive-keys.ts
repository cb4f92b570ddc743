/** Stands for a value that was taken out whole. */
export const FILTERED = '[Filtered]';

/** Compared without case, dashes, underscores, dots and spaces: `X-Api-Key`, `apiKey` and `api_key` are one. */
const SEPARATORS = /[-_.\s]/g;
/** Parts of a key whose value is a secret; `author` is not `auth`. */
const SECRET =
  /password|passwd|passphrase|secret|apikey|auth(?!or(?!i[sz]))|credential|mysqlpwd|privatekey|token|csrf|xsrf|sessid/;
const SECRET_EXACTLY = new Set([
  'otp',
  'twofactor',
  'pwd',
  'pin',
  'cvv',
  'cvc',
  'ssn',
  'cookie',
  'setcookie',
  'connectsid',
]);
/** Names of cookies that carry a session. Elsewhere `session_id` says which visit it was, and stays. */
const SESSION_COOKIE = /^sid$|session|sess$|^aspnet/;

const KNOWN_LIMIT = 5_000;
const known = new Map<string, boolean>();

/** Whether what stands under this key must not be stored. */
export function isSensitiveKey(key: string): boolean {
  const remembered = known.get(key);
  if (remembered !== undefined) return remembered;
  const plain = key.toLowerCase().replace(SEPARATORS, '');
  const sensitive = SECRET.test(plain) || SECRET_EXACTLY.has(plain);
  // The same few keys come with every report; a flood of others must not grow the table without end.
  if (known.size >= KNOWN_LIMIT) known.clear();
  if (key.length <= 64) known.set(key, sensitive);
  return sensitive;
}

export function isSessionCookie(name: string): boolean {
  return isSensitiveKey(name) || SESSION_COOKIE.test(name.toLowerCase().replace(SEPARATORS, ''));
}
