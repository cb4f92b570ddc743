import { createContext, Script } from 'node:vm';
import { CheckFailure } from './check-failure.js';

export const TEXT_OPERATORS = ['contains', 'not_contains', 'equals', 'not_equals', 'matches'] as const;
export const NUMBER_OPERATORS = ['less_than', 'greater_than'] as const;
export const PRESENCE_OPERATORS = ['exists', 'not_exists'] as const;

export type Operator =
  (typeof TEXT_OPERATORS)[number] | (typeof NUMBER_OPERATORS)[number] | (typeof PRESENCE_OPERATORS)[number];

/** A pattern or a path that runs away is stopped after so long, in milliseconds. */
const PATIENCE_MS = 100;
const SANDBOX = createContext({ work: undefined });
const WORK = new Script('work()');

/** Words for a condition that does not hold. */
export function compare(
  what: string,
  found: unknown,
  operator: Operator,
  value: unknown,
): string | undefined {
  if (operator === 'exists') return found === undefined ? `${what} is missing` : undefined;
  if (operator === 'not_exists') return found === undefined ? undefined : `${what} is present`;
  if (found === undefined) return operator.startsWith('not_') ? undefined : `${what} is missing`;
  if (holds(found, operator, value)) return undefined;
  return `${what} ${FAILURES[operator]} ${shown(value)}${describe(found)}`;
}

const FAILURES: Record<Exclude<Operator, 'exists' | 'not_exists'>, string> = {
  contains: 'does not contain',
  not_contains: 'contains',
  equals: 'is not',
  not_equals: 'is',
  matches: 'does not match',
  less_than: 'is not less than',
  greater_than: 'is not greater than',
};

function holds(
  found: unknown,
  operator: Exclude<Operator, 'exists' | 'not_exists'>,
  value: unknown,
): boolean {
  switch (operator) {
    case 'contains':
      return contains(found, value);
    case 'not_contains':
      return !contains(found, value);
    case 'equals':
      return plain(found) === plain(value);
    case 'not_equals':
      return plain(found) !== plain(value);
    case 'matches':
      return matches(plain(value), plain(found));
    case 'less_than':
      return numeric(found) < numeric(value);
    case 'greater_than':
      return numeric(found) > numeric(value);
  }
}

/** A list contains an element, a text a part of it. */
function contains(found: unknown, value: unknown): boolean {
  if (Array.isArray(found)) return found.some((element) => plain(element) === plain(value));
  return plain(found).includes(plain(value));
}

/** NaN, with which no comparison holds, for what is neither a number nor written like one. */
function numeric(value: unknown): number {
  if (typeof value === 'string' && value.trim() !== '') return Number(value);
  return typeof value === 'number' ? value : Number.NaN;
}

function matches(source: string, found: string): boolean {
  return withPatience(`The pattern ${source}`, () => new RegExp(source).test(found));
}

/** @throws CheckFailure when `work` takes too long: a person can ask for what takes for ever */
export function withPatience<T>(what: string, work: () => T): T {
  SANDBOX.work = work;
  try {
    return WORK.runInContext(SANDBOX, { timeout: PATIENCE_MS }) as T;
  } catch (error) {
    const isLate = (error as NodeJS.ErrnoException).code === 'ERR_SCRIPT_EXECUTION_TIMEOUT';
    throw isLate ? new CheckFailure(`${what.slice(0, 100)} takes too long`, true) : error;
  } finally {
    SANDBOX.work = undefined;
  }
}

function plain(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** Short values are shown beside the expected one; a page is not. */
function describe(found: unknown): string {
  const words = shown(found);
  return words.length <= 80 ? `, but ${words}` : '';
}

function shown(value: unknown): string {
  return JSON.stringify(value);
}
