import { type Given, objectsOf, positiveInteger } from './given.js';

/** Errors that a client has thrown away itself, and why. */
export interface ClientLoss {
  reason: string;
  count: number;
}

const MAX_COUNT = 1_000_000;
const MAX_REASONS = 50;
const REASON = /^[a-z][a-z_]{0,39}$/;
/** Kinds of items that would have been errors here. */
const ERRORS = new Set(['error', 'default']);

/** What a `client_report` says about errors. Other kinds of items are none of ours. */
export function clientLossesOf(report: Given): ClientLoss[] {
  const losses: ClientLoss[] = [];
  for (const { reason, category, quantity } of objectsOf(report['discarded_events'])) {
    const count = Math.min(positiveInteger(quantity) ?? 0, MAX_COUNT);
    if (count === 0 || losses.length === MAX_REASONS || !ERRORS.has(String(category))) continue;
    losses.push({ reason: typeof reason === 'string' && REASON.test(reason) ? reason : 'other', count });
  }
  return losses;
}
