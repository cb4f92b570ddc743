import { createHash, randomBytes } from 'node:crypto';

const TOKEN_BYTES = 24;

/** The part of a push address that nobody can guess: 192 random bits, as they may stand in a URL. */
export function makePushToken(): string {
  return randomBytes(TOKEN_BYTES).toString('base64url');
}

/** What is stored of it. It is random and long, so that a fast hash is enough. */
export function hashPushToken(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
