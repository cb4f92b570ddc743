import { parseDuration } from '../../common/duration.js';
import { canonicalRecord, type RecordType } from '../../modules/monitoring/checkers/dns-records.js';
import { durationOf } from './go-duration.js';

/** What the conditions of a Gatus endpoint become. */
export interface GatusConditions {
  /** Status codes and ranges. */
  codes: string[];
  /** Records that a DNS answer must hold. */
  expected: string[];
  assertions: Record<string, unknown>[];
  /** Conditions that have no counterpart. */
  left: string[];
}

interface Condition {
  left: string;
  operator: string;
  right: string;
}

const CONDITION = /^(.+?)\s*(==|!=|<=|>=|<|>)\s*(.*)$/;
const LIST = /^any\((.*)\)$/;
const PATTERN = /^pat\((.*)\)$/;
const DAY_MS = 86_400_000;

/** @param record_type what a DNS endpoint asks for */
export function readConditions(
  conditions: readonly string[],
  record_type: RecordType | undefined,
): GatusConditions {
  const found: GatusConditions = { codes: [], expected: [], assertions: [], left: [] };
  for (const text of conditions) {
    const condition = partsOf(text.trim());
    if (!condition || !take(condition, record_type, found)) found.left.push(text);
  }
  return found;
}

function partsOf(text: string): Condition | undefined {
  const match = CONDITION.exec(text);
  return match ? { left: match[1]!, operator: match[2]!, right: match[3]! } : undefined;
}

/** Whether the condition has been taken over. */
function take(condition: Condition, record_type: RecordType | undefined, found: GatusConditions): boolean {
  const { left, operator, right } = condition;
  // Reaching an endpoint at all is what every check is about.
  if (left === '[CONNECTED]') return operator === '==' && right === 'true';
  if (left === '[DNS_RCODE]') return operator === '==' && right === 'NOERROR';
  if (left === '[STATUS]') return takeStatus(condition, found);
  if (left === '[BODY]' && record_type && operator === '==') {
    takeRecord(right, record_type, found);
    return true;
  }
  const assertion = assertionOf(condition);
  if (assertion) found.assertions.push(assertion);
  return assertion !== undefined;
}

/** `expected` needs all of its records; of what `any()` lists, one will do. Gatus knows mail servers without preference. */
function takeRecord(right: string, type: RecordType, found: GatusConditions): void {
  const pattern = PATTERN.exec(right)?.[1];
  if (pattern === undefined && !LIST.test(right) && type !== 'MX') {
    found.expected.push(right);
    return;
  }
  const alternatives =
    pattern === undefined
      ? valuesOf(right).map((value) => escaped(canonicalRecord(type, value)))
      : [globOf(canonicalRecord(type, pattern), '.*')];
  const before = type === 'MX' ? String.raw`(?:\d+ )?` : '';
  const value = String.raw`(?:^|\n)${before}(?:${alternatives.join('|')})(?:\n|$)`;
  found.assertions.push({ type: 'body', operator: 'matches', value });
}

function takeStatus({ operator, right }: Condition, found: GatusConditions): boolean {
  const codes = operator === '==' ? valuesOf(right) : rangeOf(operator, Number(right));
  if (!codes || codes.some((code) => !/^[1-5]\d\d(-[1-5]\d\d)?$/.test(code))) return false;
  const both = found.codes.length === 0 ? codes : intersection(found.codes, codes);
  if (both.length > 0) found.codes = both;
  return both.length > 0;
}

/** All conditions of Gatus must hold; of the codes that are expected here, one must. */
function intersection(some: readonly string[], others: readonly string[]): string[] {
  return some.flatMap((one) =>
    others.flatMap((other) => {
      const from = Math.max(...[one, other].map((range) => Number(range.slice(0, 3))));
      const to = Math.min(...[one, other].map((range) => Number(range.slice(-3))));
      return from > to ? [] : from === to ? [String(from)] : [`${from}-${to}`];
    }),
  );
}

function rangeOf(operator: string, code: number): string[] | undefined {
  switch (operator) {
    case '<':
      return [`100-${code - 1}`];
    case '<=':
      return [`100-${code}`];
    case '>':
      return [`${code + 1}-599`];
    case '>=':
      return [`${code}-599`];
    default:
      return undefined;
  }
}

function assertionOf(condition: Condition): Record<string, unknown> | undefined {
  const { left, operator, right } = condition;
  if (left === '[RESPONSE_TIME]') return limit('response_time', operator, Number(right));
  if (left === '[CERTIFICATE_EXPIRATION]') {
    const duration = parseDuration(durationOf(right) ?? '');
    return duration === undefined ? undefined : limit('certificate_days', operator, duration / DAY_MS);
  }
  const path = /^\[BODY\](.*)$/.exec(left)?.[1];
  if (path !== undefined) return bodyAssertion(path, condition);
  const present = /^has\(\[BODY\](.+)\)$/.exec(left)?.[1];
  if (present === undefined || operator !== '==') return undefined;
  return { type: 'json', path: `$${present}`, operator: right === 'true' ? 'exists' : 'not_exists' };
}

/** The next smaller or larger number stands for `<=` and `>=`. */
function limit(type: string, operator: string, value: number): Record<string, unknown> | undefined {
  if (!Number.isFinite(value)) return undefined;
  if (operator === '<' || operator === '<=') {
    return { type, operator: 'less_than', value: operator === '<' ? value : Math.floor(value) + 1 };
  }
  if (operator === '>' || operator === '>=') {
    return { type, operator: 'greater_than', value: operator === '>' ? value : Math.ceil(value) - 1 };
  }
  return undefined;
}

const COMPARISONS: Readonly<Record<string, string>> = {
  '==': 'equals',
  '!=': 'not_equals',
  '<': 'less_than',
  '>': 'greater_than',
};

function bodyAssertion(path: string, { operator, right }: Condition): Record<string, unknown> | undefined {
  const comparison = COMPARISONS[operator];
  const place = path === '' ? { type: 'body' } : { type: 'json', path: `$${path}` };
  const pattern = PATTERN.exec(right)?.[1];
  const list = LIST.exec(right);
  if (pattern !== undefined && operator === '==') {
    return { ...place, operator: 'matches', value: globPattern(pattern) };
  }
  if (list && operator === '==') {
    const alternatives = valuesOf(right).map(escaped).join('|');
    return { ...place, operator: 'matches', value: `^(${alternatives})$` };
  }
  if (!comparison || pattern !== undefined || list) return undefined;
  const isNumeric = comparison.endsWith('_than');
  if (isNumeric && path === '') return undefined;
  return { ...place, operator: comparison, value: isNumeric ? Number(right) : right };
}

function valuesOf(right: string): string[] {
  const list = LIST.exec(right)?.[1];
  return (list ?? right).split(',').map((value) => value.trim());
}

function globPattern(glob: string): string {
  return `^${globOf(glob, '[\\s\\S]*')}$`;
}

function globOf(glob: string, anything: string): string {
  return glob.split('*').map(escaped).join(anything);
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
