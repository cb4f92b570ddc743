import { createHash } from 'node:crypto';
import { normaliseMessage } from './normalise-message.js';
import { withoutPlaceholders } from './placeholders.js';
import { normaliseStack } from './stack-frames.js';

/** Counted up whenever the same error could get another fingerprint than before. */
export const GROUPING_VERSION = 1;

/** Hex digits of a fingerprint: 128 bits of a SHA-256. */
const FINGERPRINT_LENGTH = 32;

/** What decides which errors are one group. */
export interface GroupedBy {
  message: string;
  stack_trace?: string | null;
  source: string;
}

export interface Grouping {
  fingerprint: string;
  /** {@link GROUPING_VERSION} at the time. */
  version: number;
  /** What was hashed: the source, the normalised message, then the frames, a line each. */
  text: string;
}

/**
 * `sha256(source, normalised message, first three frames of own code)`. Errors that differ only in ids, numbers, dates,
 * addresses, line numbers, folders or build hashes get the same fingerprint; level, environment and context do not count.
 */
export function groupingOf({ message, stack_trace, source }: GroupedBy): Grouping {
  const frames = stack_trace ? normaliseStack(stack_trace) : [];
  const text = [`v${GROUPING_VERSION} ${oneLine(source)}`, normaliseMessage(message), ...frames].join('\n');
  const fingerprint = createHash('sha256').update(text).digest('hex').slice(0, FINGERPRINT_LENGTH);
  return { fingerprint, version: GROUPING_VERSION, text };
}

function oneLine(text: string): string {
  return withoutPlaceholders(text.replace(/\s+/g, ' '));
}
