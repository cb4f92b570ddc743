import { Injectable } from '@nestjs/common';
import { Clock } from '../../../common/clock.js';
import { CodedException } from '../../../common/coded-exception.js';
import { hashPushToken } from './push-token.js';
import { RateBound } from './rate-bound.js';

/** Tokens cannot be guessed, but whoever tries must not keep the database busy. */
const PER_ADDRESS = { perSecond: 10, burst: 100 };
const MAX_KNOWN = 10_000;

/**
 * Bounds how often an address may come with tokens that nobody has. Tokens that were good before are let pass: many
 * jobs share an address, and one that was forgotten must not silence the others.
 */
@Injectable()
export class StrangerBound {
  private readonly bound = new RateBound(PER_ADDRESS);
  private readonly known = new Set<string>();

  constructor(private readonly clock: Clock) {}

  /** @throws CodedException `RATE_LIMIT_EXCEEDED`, or what `work` throws */
  async guard(address: string, token: string, work: () => Promise<void>): Promise<void> {
    const hash = hashPushToken(token).toString('base64');
    const now = this.clock.now().getTime();
    const retryAfter = this.known.has(hash) ? undefined : this.bound.waitOf(address, now);
    if (retryAfter !== undefined) throw tooManyUnknown(retryAfter);
    try {
      await work();
      this.remember(hash);
    } catch (error) {
      if (error instanceof CodedException && error.code === 'ENDPOINT_NOT_FOUND') {
        this.known.delete(hash);
        this.bound.take(address, now);
      }
      throw error;
    }
  }

  private remember(hash: string): void {
    this.known.delete(hash);
    this.known.add(hash);
    if (this.known.size > MAX_KNOWN) this.known.delete(this.known.values().next().value!);
  }
}

function tooManyUnknown(retryAfter: number): CodedException {
  const message = 'Too many unknown tokens came from this address.';
  return new CodedException('RATE_LIMIT_EXCEEDED', message, undefined, retryAfter);
}
