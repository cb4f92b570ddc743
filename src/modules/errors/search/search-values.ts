import { parseTime } from '../../../common/time.js';
import { refused, type SearchFilter, type SearchValue } from './search-syntax.js';

const DAY_MS = 86_400_000;
const DATE = /^\d{4}-\d{2}-\d{2}$/;
const RELATIVE = /^([+-])(\d{1,5})(m|h|d|w)$/;
const UNITS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: DAY_MS, w: 7 * DAY_MS };

/** A time that something must come after (`from`, included) or before (`to`, not included). */
export interface TimeBound {
  bound: 'from' | 'to';
  time: Date;
}

/** The values, each of which must be one of these words. */
export function words<Word extends string>({ values }: SearchFilter, known: readonly Word[]): Word[] {
  return values.map(({ text, comparison, column }) => {
    const word = known.find((each) => each === text.toLowerCase());
    if (word === undefined || comparison !== '=') throw refused(column, `one of ${known.join(', ')}`);
    return word;
  });
}

/** The values as they stand. */
export function texts({ values }: SearchFilter): SearchValue[] {
  for (const { comparison, column } of values)
    if (comparison !== '=') throw refused(column, 'a value to be equal to');
  return values;
}

/** The only value of a condition that takes no list. */
export function onlyValue({ key, values }: SearchFilter): SearchValue {
  if (values.length > 1) throw refused(values[1]!.column - 1, `one value for ${key}`);
  return values[0]!;
}

export function wholeNumber(filter: SearchFilter): { comparison: string; number: number } {
  const { comparison, text, column } = onlyValue(filter);
  if (!/^\d{1,15}$/.test(text)) throw refused(column, 'a whole number, such as >100');
  return { comparison, number: Number(text) };
}

/**
 * `>2026-01-01`, `<2026-01-01T09:30:00Z`, `2026-01-01` (that day), `-24h` (within), `+24h` (longer ago), `>-24h`.
 * Dates and times are UTC unless they say otherwise.
 */
export function timeBounds(filter: SearchFilter, now: Date): TimeBound[] {
  const { comparison, text, column } = onlyValue(filter);
  const relative = relativeTime(text, now);
  const time = relative?.time ?? parseTime(text);
  if (!time) throw refused(column, 'a time such as >2026-01-31, <2026-01-31T09:30:00Z or -24h');
  if (comparison === '=' && relative) return [{ bound: relative.isOlder ? 'to' : 'from', time }];
  const isDay = DATE.test(text);
  if (comparison === '=' && !isDay) throw refused(column, 'a comparison, such as >=2026-01-31T09:30:00Z');
  const next = new Date(time.getTime() + (isDay ? DAY_MS : 1));
  if (comparison === '=')
    return [
      { bound: 'from', time },
      { bound: 'to', time: next },
    ];
  const isAfter = comparison.startsWith('>');
  const isSharp = comparison === '>' || comparison === '<=';
  return [{ bound: isAfter ? 'from' : 'to', time: isSharp ? next : time }];
}

function relativeTime(text: string, now: Date): { time: Date; isOlder: boolean } | undefined {
  const [, sign, number, unit] = RELATIVE.exec(text) ?? [];
  if (number === undefined) return undefined;
  return { time: new Date(now.getTime() - Number(number) * UNITS[unit!]!), isOlder: sign === '+' };
}

/** A `LIKE` pattern for a value with wildcards; undefined when it has none. In quotes an asterisk is one. */
export function likePattern({ text, isQuoted }: SearchValue): string | undefined {
  return !isQuoted && text.includes('*') ? escapeLike(text).replace(/\*+/g, '%') : undefined;
}

export function escapeLike(text: string): string {
  return text.replace(/[\\%_]/g, String.raw`\$&`);
}
