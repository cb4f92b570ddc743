import { isCardNumber, redactText } from './redact-text.js';
import { DEFAULT_RULES, type ScrubRules, UNTOUCHED } from './scrub-rules.js';
import { FILTERED, isSessionCookie } from './sensitive-keys.js';
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
export const DETAIL_BOUNDS: Bounds = { depth: 12, entries: 250, values: 20_000, characters: 524_288 };

const MAX_KEY = 128;
const MAX_STRING = 8_192;
const TRUNCATED = '[Truncated]';

const COOKIES = /^(?:cookies|set-cookies?)$/i;
/** Of details: what is read like a message, and scrubbed like one. */
const MESSAGE_KEYS: ReadonlySet<string> = new Set(['message', 'formatted', 'value']);

/** One walk through an object: its rules, and what is left of the bounds. */
interface Walk {
  rules: ScrubRules;
  budget: Bounds;
  hasMessages: boolean;
}

/**
 * A copy of a report’s context without secrets, bounded in depth, number and length, in text that the database can hold.
 * Values under sensitive keys become `[Filtered]`; secrets inside other text are replaced where they stand.
 */
export function redactContext(
  context: Readonly<Record<string, unknown>>,
  rules: ScrubRules = DEFAULT_RULES,
  bounds: Readonly<Bounds> = CONTEXT_BOUNDS,
): Record<string, unknown> {
  return redactObject(context, 1, { rules, budget: { ...bounds }, hasMessages: bounds === DETAIL_BOUNDS });
}

function redactObject(
  object: object,
  depth: number,
  walk: Walk,
  areCookies = false,
): Record<string, unknown> {
  const copy: Record<string, unknown> = {};
  const { budget } = walk;
  let entries = 0;
  for (const [key, value] of Object.entries(object)) {
    // Assigning it would set the prototype.
    if (key === '__proto__') continue;
    if (++entries > budget.entries || budget.values <= 0) {
      copy['…'] = TRUNCATED;
      break;
    }
    budget.characters -= key.length;
    copy[storableText(key.slice(0, MAX_KEY))] = redactUnder(key, value, depth, walk, areCookies);
  }
  return copy;
}

function redactUnder(key: string, value: unknown, depth: number, walk: Walk, isCookie: boolean): unknown {
  const { rules } = walk;
  const fate = rules.fateOf(key);
  if (fate === 'safe') return redactAny(value, depth, { ...walk, rules: UNTOUCHED }, key);
  const holdsSecret = value !== null && typeof value !== 'boolean';
  const filtered = fate === 'filter' || (isCookie && rules.defaults && isSessionCookie(key));
  return filtered && holdsSecret ? filter(walk.budget) : redactAny(value, depth, walk, key);
}

function filter(budget: Bounds): string {
  budget.values--;
  return FILTERED;
}

function redactAny(value: unknown, depth: number, walk: Walk, key: string): unknown {
  const { budget, rules } = walk;
  if (--budget.values < 0) return TRUNCATED;
  switch (typeof value) {
    case 'string':
      if (rules.defaults && COOKIES.test(key)) return FILTERED;
      return redactString(value, walk, key);
    case 'number':
      return rules.defaults && Number.isInteger(value) && value > 1e12 && isCardNumber(String(value))
        ? '[card]'
        : value;
    case 'object':
      if (value === null) return null;
      if (depth >= budget.depth) return TRUNCATED;
      return Array.isArray(value)
        ? redactArray(value, depth + 1, walk, key)
        : redactObject(value, depth + 1, walk, COOKIES.test(key));
    default:
      return value;
  }
}

function redactArray(array: readonly unknown[], depth: number, walk: Walk, key: string): unknown[] {
  const copy: unknown[] = [];
  const { budget } = walk;
  if (isPair(array)) {
    const [name, value] = array;
    return [redactString(name, walk, key), redactUnder(name, value, depth, walk, COOKIES.test(key))];
  }
  for (const value of array) {
    if (copy.length >= budget.entries || budget.values <= 0) {
      copy.push(TRUNCATED);
      break;
    }
    copy.push(redactAny(value, depth, walk, key));
  }
  return copy;
}

/** Headers, cookies and query strings may come as lists of names with their values. */
function isPair(array: readonly unknown[]): array is [string, string] {
  return array.length === 2 && typeof array[0] === 'string' && typeof array[1] === 'string';
}

function redactString(text: string, { budget, rules, hasMessages }: Walk, key: string): string {
  if (budget.characters <= 0) return TRUNCATED;
  const textRules = hasMessages && MESSAGE_KEYS.has(key) ? rules.messages : rules.values;
  const kept = redactText(storableText(truncate(text, Math.min(MAX_STRING, budget.characters))), textRules);
  budget.characters -= kept.length;
  return kept;
}
