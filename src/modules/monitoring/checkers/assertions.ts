import { createContext, Script } from 'node:vm';
import { JSONPathEnvironment } from 'json-p3';
import { z } from 'zod';
import { CheckFailure } from './check-failure.js';
import { type CertificateFacts, daysLeft } from './certificate-facts.js';

/** Without its two functions that take patterns: those of a person run under {@link matches} only. */
const PATHS = new JSONPathEnvironment();
for (const name of ['match', 'search']) PATHS.functionRegister.delete(name);

/** A pattern that runs away is stopped after so long, in milliseconds. */
const PATTERN_PATIENCE_MS = 100;
const SANDBOX = createContext({ pattern: '', text: '' });
const MATCH = new Script('new RegExp(pattern).test(text)');

const soft = z.boolean().default(false).describe('Whether a failure only makes the endpoint degraded.');
const number = z.number();
const text = z.string().max(2_000);

const TEXT_OPERATORS = ['contains', 'not_contains', 'equals', 'not_equals', 'matches'] as const;
const NUMBER_OPERATORS = ['less_than', 'greater_than'] as const;
const PRESENCE_OPERATORS = ['exists', 'not_exists'] as const;

type Operator =
  (typeof TEXT_OPERATORS)[number] | (typeof NUMBER_OPERATORS)[number] | (typeof PRESENCE_OPERATORS)[number];

const pattern = text.refine(isPattern, 'must be a regular expression');

/** A condition on text: `body contains "ok"`, or a pattern. */
const body = z.strictObject({
  type: z.literal('body').describe('The text of the answer: body, banner, records.'),
  operator: z.enum(TEXT_OPERATORS),
  value: text.min(1),
  soft,
});

const header = z.strictObject({
  type: z.literal('header').describe('A header of the answer.'),
  name: z.string().regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,200}$/, 'must be the name of a header'),
  operator: z.enum([...TEXT_OPERATORS, ...PRESENCE_OPERATORS]),
  value: text.optional(),
  soft,
});

const json = z.strictObject({
  type: z.literal('json').describe('A value in an answer that is JSON.'),
  path: z.string().max(500).refine(isJsonPath, 'must be a JSONPath (RFC 9535), such as $.status'),
  operator: z.enum([...TEXT_OPERATORS, ...NUMBER_OPERATORS, ...PRESENCE_OPERATORS]),
  value: z.union([text, number, z.boolean(), z.null()]).optional(),
  soft,
});

const response_time = z.strictObject({
  type: z.literal('response_time').describe('Milliseconds to the last byte.'),
  operator: z.enum(NUMBER_OPERATORS),
  value: number.min(0).max(600_000),
  soft,
});

const certificate_days = z.strictObject({
  type: z.literal('certificate_days').describe('Days until the certificate ends.'),
  operator: z.enum(NUMBER_OPERATORS),
  value: number.min(0).max(3_650),
  soft,
});

/** A condition on an answer. */
export const assertionSchema = z
  .discriminatedUnion('type', [body, header, json, response_time, certificate_days])
  .superRefine((assertion, context) => {
    const { operator, value } = assertion as { operator: Operator; value?: unknown };
    const needsNone = (PRESENCE_OPERATORS as readonly string[]).includes(operator);
    const isNumeric = (NUMBER_OPERATORS as readonly string[]).includes(operator);
    const problem =
      !needsNone && value === undefined
        ? 'is needed'
        : isNumeric && typeof value !== 'number'
          ? 'must be a number'
          : operator === 'matches' && !pattern.safeParse(value).success
            ? 'must be a regular expression'
            : undefined;
    if (problem) context.addIssue({ code: 'custom', path: ['value'], message: problem });
  });

export type Assertion = z.output<typeof assertionSchema>;

/** What assertions look at. */
export interface Facts {
  text: string;
  headers: Readonly<Record<string, string | string[] | undefined>>;
  response_time_ms: number;
  certificate: CertificateFacts | null;
  /** Milliseconds since the epoch. */
  now: number;
}

/** Assertions that fail, in words. */
export interface FailedAssertions {
  hard: string[];
  soft: string[];
}

/** Holds `facts` against all `assertions`. */
export function evaluateAssertions(assertions: readonly Assertion[], facts: Facts): FailedAssertions {
  const failed: FailedAssertions = { hard: [], soft: [] };
  for (const assertion of assertions) {
    const words = failureOf(assertion, facts);
    if (words) failed[assertion.soft ? 'soft' : 'hard'].push(words);
  }
  return failed;
}

/** Whether any of them needs the text of the answer: otherwise nobody has to keep it. */
export function needText(assertions: readonly Assertion[]): boolean {
  return assertions.some(({ type }) => type === 'body' || type === 'json');
}

function failureOf(assertion: Assertion, facts: Facts): string | undefined {
  switch (assertion.type) {
    case 'body':
      return compare('The answer', facts.text, assertion.operator, assertion.value);
    case 'header': {
      const value = facts.headers[assertion.name.toLowerCase()];
      const given = Array.isArray(value) ? value.join(', ') : value;
      return compare(`Header ${assertion.name}`, given, assertion.operator, assertion.value);
    }
    case 'json':
      return compareJson(assertion, facts.text);
    case 'response_time':
      return compare('The response time', facts.response_time_ms, assertion.operator, assertion.value);
    case 'certificate_days': {
      const days = facts.certificate ? daysLeft(facts.certificate, facts.now) : undefined;
      return compare('The certificate’s days left', days, assertion.operator, assertion.value);
    }
  }
}

function compareJson(assertion: Extract<Assertion, { type: 'json' }>, text: string): string | undefined {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    return 'The answer is not JSON';
  }
  const [found] = PATHS.query(assertion.path, document as Parameters<typeof PATHS.query>[1]).values();
  return compare(assertion.path, found, assertion.operator, assertion.value);
}

/** Words for a condition that does not hold. */
function compare(what: string, found: unknown, operator: Operator, value: unknown): string | undefined {
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
      return plain(found).includes(plain(value));
    case 'not_contains':
      return !plain(found).includes(plain(value));
    case 'equals':
      return plain(found) === plain(value);
    case 'not_equals':
      return plain(found) !== plain(value);
    case 'matches':
      return matches(plain(value), plain(found));
    case 'less_than':
      return Number(found) < Number(value);
    case 'greater_than':
      return Number(found) > Number(value);
  }
}

/** @throws Error when the pattern takes too long: a pattern can be made to take for ever */
function matches(pattern: string, text: string): boolean {
  Object.assign(SANDBOX, { pattern, text });
  try {
    return MATCH.runInContext(SANDBOX, { timeout: PATTERN_PATIENCE_MS }) as boolean;
  } catch (error) {
    const isLate = (error as NodeJS.ErrnoException).code === 'ERR_SCRIPT_EXECUTION_TIMEOUT';
    throw isLate ? new CheckFailure(`The pattern ${pattern.slice(0, 80)} takes too long`, true) : error;
  } finally {
    Object.assign(SANDBOX, { pattern: '', text: '' });
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

function isPattern(source: string): boolean {
  try {
    new RegExp(source);
    return true;
  } catch {
    return false;
  }
}

function isJsonPath(path: string): boolean {
  try {
    PATHS.compile(path);
    return true;
  } catch {
    return false;
  }
}
