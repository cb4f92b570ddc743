import { isCardNumber, redactValue } from './redact-text.js';
import { FILTERED, isSensitiveKey, isSessionCookie } from './sensitive-keys.js';
import { storableText, truncate } from './storable-text.js';

/** How much is kept. What is beyond is replaced by {@link TRUNCATED}. */
export interface Bounds {
  depth: number;
  /** Of one object or list. */
  entries: number;
  values: number;
  /** UTF-16 units in all. */
  characters: number;
}

/** A group’s context is merged and read with every list: small. */
const CONTEXT_BOUNDS: Bounds = { depth: 8, entries: 100, values: 1_000, characters: 32_768 };
/** Details are read one occurrence at a time, and hold frames with variables. */
export const DETAIL_BOUNDS: Bounds = { depth: 12, entries: 250, values: 20_000, characters: 262_144 };

const MAX_KEY = 128;
const MAX_STRING = 8_192;
const TRUNCATED = '[Truncated]';

const COOKIES = /^(?:cookies|set-cookies?)$/i;

/** What is left of the bounds while one context is walked. */
type Budget = Bounds;

/**
 * A copy of a report’s context without secrets, bounded in depth, number and length, in text that the database can hold.
 * Values under sensitive keys become `[Filtered]`; secrets inside other text are replaced where they stand.
 */
export function redactContext(
  context: Readonly<Record<string, unknown>>,
  bounds: Readonly<Bounds> = CONTEXT_BOUNDS,
): Record<string, unknown> {
  return redactObject(context, 1, { ...bounds }, isSensitiveKey);
}

function redactObject(
  object: object,
  depth: number,
  budget: Budget,
  isSensitive: (key: string) => boolean,
): Record<string, unknown> {
  const copy: Record<string, unknown> = {};
  let entries = 0;
  for (const [key, value] of Object.entries(object)) {
    // Assigning it would set the prototype.
    if (key === '__proto__') continue;
    if (++entries > budget.entries || budget.values <= 0) {
      copy['…'] = TRUNCATED;
      break;
    }
    budget.characters -= key.length;
    const filtered = isSensitive(key) && value !== null && typeof value !== 'boolean';
    copy[storableText(key.slice(0, MAX_KEY))] = filtered
      ? filter(budget)
      : redactAny(value, depth, budget, key);
  }
  return copy;
}

function filter(budget: Budget): string {
  budget.values--;
  return FILTERED;
}

function redactAny(value: unknown, depth: number, budget: Budget, key: string): unknown {
  if (--budget.values < 0) return TRUNCATED;
  switch (typeof value) {
    case 'string':
      return redactString(value, budget);
    case 'number':
      return Number.isInteger(value) && value > 1e12 && isCardNumber(String(value)) ? '[card]' : value;
    case 'object':
      if (value === null) return null;
      if (depth >= budget.depth) return TRUNCATED;
      return Array.isArray(value)
        ? redactArray(value, depth + 1, budget, key)
        : redactObject(value, depth + 1, budget, COOKIES.test(key) ? isSessionCookie : isSensitiveKey);
    default:
      return value;
  }
}

function redactArray(array: readonly unknown[], depth: number, budget: Budget, key: string): unknown[] {
  const copy: unknown[] = [];
  for (const value of array) {
    if (copy.length >= budget.entries || budget.values <= 0) {
      copy.push(TRUNCATED);
      break;
    }
    copy.push(redactAny(value, depth, budget, key));
  }
  return copy;
}

function redactString(text: string, budget: Budget): string {
  if (budget.characters <= 0) return TRUNCATED;
  const kept = redactValue(storableText(truncate(text, Math.min(MAX_STRING, budget.characters))));
  budget.characters -= kept.length;
  return kept;
}
