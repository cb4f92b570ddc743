import { Logger } from '@nestjs/common';

const EVERY_MS = 30_000;

/**
 * A listener for connection errors. While a server is away every queue fails ten times a second:
 * the first failure is worth a line, the next one half a minute later.
 */
export function logSparingly(logger: Logger, subject: string): (error: Error) => void {
  let last = -Infinity;
  return (error) => {
    const now = Date.now();
    if (now - last < EVERY_MS) return;
    last = now;
    logger.warn(`${subject}: ${error.message || String(error)}`);
  };
}
