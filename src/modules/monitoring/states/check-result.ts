import type { Measurement } from '../checkers/checker.js';
import { NO_PHASES } from '../checkers/phase-clock.js';
import type { Verdict } from './endpoint-state.js';

/** The result of one slot, ready to be stored. Times in milliseconds since the epoch. */
export interface CheckResult {
  endpoint_id: string;
  /** The slot that it answers: with endpoint and region its identity. */
  slot: number;
  /** When the check was made. */
  checked_at: number;
  /** When it became known; for a gap, since when nothing was measured. */
  known_at: number;
  verdict: Verdict;
  measurement: Measurement;
  /** Only with verdict `unknown`: this monitor has lost its network, so the state of the endpoint is held. */
  held?: boolean;
  /** Says something about all regions of the endpoint, not only that of the worker: that nobody was checking. */
  everywhere?: boolean;
}

/** A slot about which nothing was learned. It says so instead of leaving a hole that looks like uptime. */
export function unmeasured(
  slot: { endpoint_id: string; slot: number; since: number },
  now: number,
  reason: string,
): CheckResult {
  return {
    endpoint_id: slot.endpoint_id,
    slot: slot.slot,
    checked_at: now,
    known_at: slot.since,
    verdict: 'unknown',
    measurement: {
      ok: null,
      status_code: null,
      error: reason,
      degraded: false,
      response_time_ms: null,
      phases: NO_PHASES,
      certificate: null,
    },
  };
}

/** What a measurement says by itself. */
export function verdictOf(measurement: Measurement, degradedThresholdMs: number | null): Verdict {
  if (measurement.ok === null) return 'unknown';
  if (!measurement.ok) return 'major_outage';
  const slow = degradedThresholdMs !== null && (measurement.response_time_ms ?? 0) > degradedThresholdMs;
  return slow || measurement.degraded ? 'degraded' : 'operational';
}
