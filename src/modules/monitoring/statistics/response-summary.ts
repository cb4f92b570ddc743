import { countOf, type Histogram, histogramOf, mergeHistograms, quantile } from './histogram.js';

/** What many checks came to. Summaries of parts can be merged into that of the whole, in any order. */
export interface ResponseSummary extends Histogram {
  /** Results, the unmeasured ones included. */
  checks: number;
  failed: number;
  /** Slots about which nothing was learned. */
  unmeasured: number;
  /** Sum of the response times, in whole microseconds: fractions would add up differently in another order. */
  sum_us: number;
  min_ms: number | null;
  max_ms: number | null;
}

/** A check, as far as it is summed up. */
export interface SummarisedCheck {
  ok: boolean | null;
  response_time_ms: number | null;
}

/** Percentiles and the like, in milliseconds; null when nothing answered. */
export interface ResponseFigures {
  avg: number | null;
  min: number | null;
  max: number | null;
  p50: number | null;
  p95: number | null;
  p99: number | null;
}

/** The summary of single checks. The product has PostgreSQL do this (check-rollups.ts), which is held to it by a test. */
export function summaryOf(checks: readonly SummarisedCheck[]): ResponseSummary {
  const times = checks.map((check) => check.response_time_ms).filter((ms) => ms !== null);
  return {
    checks: checks.length,
    failed: checks.filter((check) => check.ok === false).length,
    unmeasured: checks.filter((check) => check.ok === null).length,
    sum_us: times.reduce((sum, ms) => sum + microseconds(ms), 0),
    min_ms: least(times),
    max_ms: greatest(times),
    ...histogramOf(times),
  };
}

export function mergeSummaries(parts: readonly ResponseSummary[]): ResponseSummary {
  const total = (count: (part: ResponseSummary) => number): number =>
    parts.reduce((sum, part) => sum + count(part), 0);
  return {
    checks: total((part) => part.checks),
    failed: total((part) => part.failed),
    unmeasured: total((part) => part.unmeasured),
    sum_us: total((part) => part.sum_us),
    min_ms: least(parts.map((part) => part.min_ms)),
    max_ms: greatest(parts.map((part) => part.max_ms)),
    ...mergeHistograms(parts),
  };
}

export function figuresOf(summary: ResponseSummary): ResponseFigures {
  const answers = countOf(summary);
  const { min_ms, max_ms } = summary;
  const percentile = (share: number): number | null => {
    const value = quantile(summary, share);
    // Nothing lies beyond the extremes, which are known exactly.
    return value === null ? null : rounded(Math.min(Math.max(value, min_ms ?? value), max_ms ?? value));
  };
  return {
    avg: answers === 0 ? null : rounded(summary.sum_us / answers / 1_000),
    min: min_ms === null ? null : rounded(min_ms),
    max: max_ms === null ? null : rounded(max_ms),
    p50: percentile(0.5),
    p95: percentile(0.95),
    p99: percentile(0.99),
  };
}

/** Halves to the even neighbour, like PostgreSQL. */
function microseconds(ms: number): number {
  const us = ms * 1_000;
  const below = Math.floor(us);
  return us - below === 0.5 ? below + (below % 2) : Math.round(us);
}

function rounded(ms: number): number {
  return Math.round(ms * 1_000) / 1_000;
}

function least(values: readonly (number | null)[]): number | null {
  return values.reduce((a, b) => (a === null || (b !== null && b < a) ? b : a), null);
}

function greatest(values: readonly (number | null)[]): number | null {
  return values.reduce((a, b) => (a === null || (b !== null && b > a) ? b : a), null);
}
