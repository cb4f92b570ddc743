import { createHash } from 'node:crypto';
import type { GroupedBy } from '../grouped-by.js';
import { plainName } from '../frames/describe-frame.js';
import type { Calls } from '../frames/stack-frames.js';
import { messageLine } from '../message/message-line.js';
import { LINE_BREAK, withoutPlaceholders } from '../message/placeholders.js';
import { typeOf } from './error-type.js';

/** Parts of a fingerprint that are read. */
const MAX_PARTS = 20;
/** Characters of a part that stand in the text; of what is longer, a hash tells the rest apart. */
const MAX_PART = 256;
const VARIABLE = /^\{\{ *([\w.-]{1,80}) *\}\}$/;

/** What groups an error when nobody says otherwise. */
type DefaultLines = (report: GroupedBy, calls: Calls) => string[];
type Variable = (report: GroupedBy, calls: Calls) => string;

/** Sentry’s names, the long ones too. */
const VARIABLES: Readonly<Record<string, Variable>> = {
  message: ({ message }) => messageLine(message),
  type: ({ message }) => typeOf(message) ?? '',
  'error.type': ({ message }) => typeOf(message) ?? '',
  function: (_, { frames }) => (frames[0] ? plainName(frames[0]) : ''),
  'stack.function': (_, { frames }) => (frames[0] ? plainName(frames[0]) : ''),
  module: (_, { frames }) => frames[0]?.module ?? '',
  'stack.module': (_, { frames }) => frames[0]?.module ?? '',
  file: (_, { frames }) => frames[0]?.file ?? '',
  'stack.abs_path': (_, { frames }) => frames[0]?.file ?? '',
  transaction: ({ culprit }) => culprit ?? '',
  level: ({ level }) => level ?? '',
  platform: ({ platform }) => platform ?? '',
  release: ({ release }) => release ?? '',
  environment: ({ environment }) => environment ?? '',
};
const TAG = 'tags.';

/** Whether a part such as `{{ type }}` is understood; other parts stand for themselves. */
export function isKnownVariable(part: string): boolean {
  const name = VARIABLE.exec(part)?.[1];
  return name === undefined || name === 'default' || name.startsWith(TAG) || Object.hasOwn(VARIABLES, name);
}

/**
 * The lines of a fingerprint that was chosen by a report or by a rule. `{{ default }}` expands to our own lines; alone, it
 * is the same as no fingerprint. Each line says where it comes from, so that no part can pose as another.
 */
export function customLines(
  origin: 'fingerprint' | 'rule',
  parts: readonly string[],
  report: GroupedBy,
  calls: Calls,
  defaultLines: DefaultLines,
): string[] {
  return parts.slice(0, MAX_PARTS).flatMap((part) => {
    const name = part.includes('{{') ? VARIABLE.exec(part)?.[1] : undefined;
    if (name === 'default') return defaultLines(report, calls);
    const value = name === undefined ? undefined : valueOf(name, report, calls);
    return value === undefined
      ? `${origin}: ${literal(part)}`
      : `${origin} ${name}: ${literalOrNormal(name!, value)}`;
  });
}

function valueOf(name: string, report: GroupedBy, calls: Calls): string | undefined {
  if (name.startsWith(TAG)) return report.tags?.[name.slice(TAG.length)] ?? '';
  return Object.hasOwn(VARIABLES, name) ? VARIABLES[name]!(report, calls) : undefined;
}

function literalOrNormal(name: string, value: string): string {
  return name === 'message' ? value : literal(value);
}

const BREAK = /\r\n|[\n\r\u0085\u2028\u2029]/g;

/** One line, as it was written. Line breaks become a mark that nobody can type. */
function literal(text: string): string {
  if (text.length <= MAX_PART) return withoutPlaceholders(text).replace(BREAK, LINE_BREAK);
  const hash = createHash('sha256').update(text).digest('hex').slice(0, 16);
  return `${withoutPlaceholders(text.slice(0, MAX_PART)).replace(BREAK, LINE_BREAK)}‹${hash}›`;
}
