import { JSONPathEnvironment, JSONPathRecursionLimitError, type JSONValue } from 'json-p3';
import { z } from 'zod';
import { type CertificateFacts, daysLeft } from './certificate-facts.js';
import {
  compare,
  NUMBER_OPERATORS,
  type Operator,
  PRESENCE_OPERATORS,
  TEXT_OPERATORS,
  withPatience,
} from './comparison.js';

/** Without its two functions that take patterns: those of a person run under {@link withPatience} only. */
const PATHS = new JSONPathEnvironment();
for (const name of ['match', 'search']) PATHS.functionRegister.delete(name);

const soft = z.boolean().default(false).describe('Whether a failure only makes the endpoint degraded.');
const wanted = z.string().max(2_000);

/** A condition on text: `body contains "ok"`, or a pattern. */
const body = z.strictObject({
  type: z.literal('body').describe('The text of the answer: body, banner, records.'),
  operator: z.enum(TEXT_OPERATORS),
  value: wanted.min(1),
  soft,
});

const header = z.strictObject({
  type: z.literal('header').describe('A header of the answer.'),
  name: z.string().regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,200}$/, 'must be the name of a header'),
  operator: z.enum([...TEXT_OPERATORS, ...PRESENCE_OPERATORS]),
  value: wanted.optional(),
  soft,
});

const json = z.strictObject({
  type: z.literal('json').describe('A value in an answer that is JSON.'),
  path: z.string().max(500).refine(isJsonPath, 'must be a JSONPath (RFC 9535), such as $.status'),
  operator: z.enum([...TEXT_OPERATORS, ...NUMBER_OPERATORS, ...PRESENCE_OPERATORS]),
  value: z.union([wanted, z.number(), z.boolean(), z.null()]).optional(),
  soft,
});

const response_time = z.strictObject({
  type: z.literal('response_time').describe('Milliseconds to the last byte.'),
  operator: z.enum(NUMBER_OPERATORS),
  value: z.number().min(0).max(600_000),
  soft,
});

const certificate_days = z.strictObject({
  type: z.literal('certificate_days').describe('Days until the certificate ends.'),
  operator: z.enum(NUMBER_OPERATORS),
  value: z.number().min(0).max(3_650),
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
          : operator === 'matches' && !isPattern(String(value))
            ? 'must be a regular expression'
            : undefined;
    if (problem) context.addIssue({ code: 'custom', path: ['value'], message: problem });
  });

export type Assertion = z.output<typeof assertionSchema>;

/** What assertions look at. */
export interface Facts {
  text: string;
  /** Set when `text` is only the beginning: how long it is, in KiB. */
  cut_at_kb?: number | undefined;
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
  const document = new LazyJson(facts.text);
  for (const assertion of assertions) {
    const words = failureOf(assertion, facts, document);
    if (words) failed[assertion.soft ? 'soft' : 'hard'].push(words);
  }
  return failed;
}

/** Whether any of them needs the text of the answer: otherwise nobody has to keep it. */
export function needText(assertions: readonly Assertion[]): boolean {
  return assertions.some(({ type }) => type === 'body' || type === 'json');
}

function failureOf(assertion: Assertion, facts: Facts, document: LazyJson): string | undefined {
  switch (assertion.type) {
    case 'body': {
      const failure = compare('The answer', facts.text, assertion.operator, assertion.value);
      return facts.cut_at_kb !== undefined && !isCertain(assertion, failure)
        ? cutOff(facts.cut_at_kb)
        : failure;
    }
    case 'header': {
      const value = facts.headers[assertion.name.toLowerCase()];
      const given = Array.isArray(value) ? value.join(', ') : value;
      return compare(`Header ${assertion.name}`, given, assertion.operator, assertion.value);
    }
    case 'json':
      if (facts.cut_at_kb !== undefined) return cutOff(facts.cut_at_kb);
      return compareJson(assertion, document);
    case 'response_time':
      return compare('The response time', facts.response_time_ms, assertion.operator, assertion.value);
    case 'certificate_days': {
      const days = facts.certificate ? daysLeft(facts.certificate, facts.now) : undefined;
      return compare(
        'The number of days until the certificate ends',
        days,
        assertion.operator,
        assertion.value,
      );
    }
  }
}

/**
 * Whether the beginning of an answer tells what the whole of it would: only that something is there. A pattern that asks
 * for the end, or for what must not follow, has not seen it.
 */
function isCertain({ operator, value }: Extract<Assertion, { type: 'body' }>, failure?: string): boolean {
  switch (operator) {
    case 'contains':
      return failure === undefined;
    case 'not_contains':
      return failure !== undefined;
    case 'matches':
      return failure === undefined && !/\$|\(\?!/.test(value);
    default:
      return false;
  }
}

function cutOff(kilobytes: number): string {
  return `The answer is larger than ${kilobytes} KiB, only its beginning was read`;
}

/** Parsed once, and only if somebody asks. */
class LazyJson {
  private parsed: { value: JSONValue } | null | undefined;

  constructor(private readonly text: string) {}

  /** Null when it is none. */
  get(): { value: JSONValue } | null {
    return (this.parsed ??= this.parse());
  }

  private parse(): { value: JSONValue } | null {
    try {
      // Some servers begin with a byte order mark, which JSON must ignore or refuse (RFC 8259, 8.1).
      return { value: JSON.parse(this.text.replace(/^\uFEFF/, '')) as JSONValue };
    } catch {
      return null;
    }
  }
}

function compareJson(assertion: Extract<Assertion, { type: 'json' }>, answer: LazyJson): string | undefined {
  const document = answer.get();
  if (!document) return 'The answer is not JSON';
  const { path, operator, value } = assertion;
  try {
    // A path such as `$..*..*..*` takes for ever in a large document.
    const found = withPatience(`The path ${path}`, () => PATHS.match(path, document.value)?.value);
    return compare(path, found, operator, value);
  } catch (error) {
    if (error instanceof JSONPathRecursionLimitError) return 'The answer is nested too deep';
    throw error;
  }
}

function isPattern(source: string): boolean {
  try {
    return new RegExp(source) instanceof RegExp;
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
