import type { LedgerOutcome } from '../../../database/entities/error-ledger-entry.entity.js';

/**
 * The reasons that each outcome tells apart. `client_discarded` are those of Sentry’s client reports:
 * https://develop.sentry.dev/sdk/telemetry/client-reports/
 */
export const LEDGER_REASONS: Record<LedgerOutcome, readonly string[]> = {
  accepted: [],
  repeated: [],
  limited: ['key', 'group', 'spike', 'overloaded'],
  sampled: [],
  evicted: ['disk_budget', 'age'],
  invalid: [],
  forbidden: [],
  failed: [],
  client_discarded: [
    'queue_overflow',
    'cache_overflow',
    'buffer_overflow',
    'ratelimit_backoff',
    'network_error',
    'sample_rate',
    'before_send',
    'event_processor',
    'send_error',
    'internal_sdk_error',
    'insufficient_data',
    'backpressure',
    'ignored',
    'no_parent_span',
  ],
};

const KNOWN = new Map(
  Object.entries(LEDGER_REASONS).map(([outcome, reasons]) => [outcome, new Set(reasons)]),
);

/** The reason as the ledger writes it: what it does not know is `other`. */
export function knownReason(outcome: LedgerOutcome, reason: string): string {
  return reason === '' || KNOWN.get(outcome)!.has(reason) ? reason : 'other';
}
