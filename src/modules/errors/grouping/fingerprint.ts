import { hash } from 'node:crypto';
import { customLines } from './custom/custom-fingerprint.js';
import { type Calls, StackReader } from './frames/stack-frames.js';
import type { GroupedBy } from './grouped-by.js';
import { messageLine } from './message/message-line.js';
import { withoutPlaceholders } from './message/placeholders.js';
import type { CompiledRules } from './rules/compile-rules.js';

/** Counted up whenever the same error could get another fingerprint than before. */
export const GROUPING_VERSION = 2;

/** Hex digits of a fingerprint: 128 bits of a SHA-256. */
const FINGERPRINT_LENGTH = 32;

export interface Grouping {
  fingerprint: string;
  /** {@link GROUPING_VERSION} at the time. */
  version: number;
  /** What was hashed, a line each: version and source, then `message: …`, `cause: …`, `frame: …`; see docs/grouping.md. */
  text: string;
}

/** A grouping, and what was found out on the way. */
export interface GroupedReport {
  grouping: Grouping;
  /** The first call of own code, for people; null when there is no stack. */
  culprit: string | null;
}

const PLAIN_READER = new StackReader();

/**
 * `sha256(version, source, normalised message, first three frames of own code)`, unless a rule or the report itself says
 * what to group by. Errors that differ only in ids, numbers, dates, addresses, line numbers, folders or build hashes get
 * the same fingerprint; level, environment and context do not count.
 */
export function groupingOf(report: GroupedBy): Grouping {
  return groupReport(report).grouping;
}

/** Where in the program, in few words: the first call of own code; null when there is no stack. */
export function culpritOf(report: GroupedBy): string | null {
  return PLAIN_READER.read(report.stack_trace, report.frames).culprit;
}

/** Like {@link groupingOf}, by these rules. */
export function groupReport(report: GroupedBy, rules?: CompiledRules): GroupedReport {
  const calls = (rules?.reader ?? PLAIN_READER).read(report.stack_trace, report.frames);
  const lines = linesOf(report, calls, rules);
  const text = `v${GROUPING_VERSION} ${oneLine(report.source)}\n${lines.join('\n')}`;
  const fingerprint = hash('sha256', text, 'hex').slice(0, FINGERPRINT_LENGTH);
  return { grouping: { fingerprint, version: GROUPING_VERSION, text }, culprit: calls.culprit };
}

function linesOf(report: GroupedBy, calls: Calls, rules?: CompiledRules): string[] {
  const ruled = rules?.fingerprintFor(report, calls);
  if (ruled) return customLines('rule', ruled, report, calls, defaultLines);
  if (report.fingerprint) return customLines('fingerprint', report.fingerprint, report, calls, defaultLines);
  return defaultLines(report, calls);
}

function defaultLines({ message }: GroupedBy, { lines, frames, cause }: Calls): string[] {
  const name = frames.length > 0 ? 'frame' : 'stack';
  const result = [`message: ${messageLine(message)}`];
  if (cause !== null) result.push(`cause: ${cause}`);
  for (const line of lines) result.push(`${name}: ${line}`);
  return result;
}

const ODD_SPACE = /\s+/g;

function oneLine(text: string): string {
  return withoutPlaceholders(text.replace(ODD_SPACE, ' '));
}
