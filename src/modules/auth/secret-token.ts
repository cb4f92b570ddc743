import { createHash, randomBytes } from 'node:crypto';

const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const KEY_PREFIX = 'wk_live_';
const TOKEN_BYTES = 32;
const PUBLIC_KEY_BYTES = 16;

/** A new API key: `wk_live_` and 32 random bytes in base62. */
export function generateApiKey(): string {
  return KEY_PREFIX + base62(randomBytes(TOKEN_BYTES));
}

/** The half of a key that stands in a DSN: 32 hex digits, as Sentry’s SDKs want it. It is no secret. */
export function generatePublicKey(): string {
  return randomBytes(PUBLIC_KEY_BYTES).toString('hex');
}

/** Whether a text looks like one of our API keys. */
export function isApiKey(text: string): boolean {
  return text.startsWith(KEY_PREFIX);
}

/** A new token for a session or a link. */
export function generateToken(): string {
  return base62(randomBytes(TOKEN_BYTES));
}

/** What is stored of a key or token. They are random and long, so that a fast hash is enough. */
export function hashToken(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}

/** What lists show of a key: `wk_live_****7890`. */
export function previewKey(key: string): string {
  return `${KEY_PREFIX}****${key.slice(-4)}`;
}

function base62(bytes: Buffer): string {
  let number = BigInt(`0x${bytes.toString('hex')}`);
  let text = '';
  while (number > 0n) {
    text = BASE62[Number(number % 62n)]! + text;
    number /= 62n;
  }
  return text.padStart(43, '0');
}
