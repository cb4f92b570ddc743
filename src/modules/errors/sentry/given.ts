import { isObject } from '../../../common/is-object.js';
import { truncate } from '../scrubbing/storable-text.js';

/** Reads of what a client sends, which may be anything. All of them are total. */

export type Given = Record<string, unknown>;

export function objectOf(value: unknown): Given | undefined {
  return isObject(value) ? value : undefined;
}

const NOT_BLANK = /\S/;

/** A plain value as text, cut to a length and saying so; null when it is none, or blank. */
export function textOf(value: unknown, length: number): string | null {
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (typeof value !== 'string' || !NOT_BLANK.test(value)) return null;
  return truncate(value, length);
}

// oxlint-disable-next-line no-control-regex -- that is what it looks for
const CONTROL = /[\0-\x1f\x7f-\x9f]+/g;
// oxlint-disable-next-line no-control-regex -- the same
const HAS_CONTROL = /[\0-\x1f\x7f-\x9f]/;

/** The same on one line, cut without a word: for names and addresses. */
export function nameOf(value: unknown, length: number): string | null {
  // Absent is what most of them are.
  if (value === undefined || value === null) return null;
  const text = typeof value === 'string' ? value.slice(0, length * 4) : textOf(value, length * 4);
  if (text === null) return null;
  const line = HAS_CONTROL.test(text) ? text.replace(CONTROL, ' ').trim() : text.trim();
  return line === '' ? null : line.slice(0, length);
}

export function positiveInteger(value: unknown): number | null {
  const number = typeof value === 'string' && value !== '' ? Number(value) : value;
  return typeof number === 'number' && Number.isSafeInteger(number) && number >= 0 ? number : null;
}

/** Sentry writes lists bare or as `{values: []}`. What is no object in them is left out. */
export function objectsOf(value: unknown): Given[] {
  const list = Array.isArray(value) ? value : objectOf(value)?.['values'];
  return Array.isArray(list) ? list.filter(isObject) : [];
}

/** Sentry writes maps as objects or as pairs. As an object, keys can say which values are secret. */
export function mapOf(value: unknown): Given | undefined {
  if (isObject(value)) return value;
  if (!Array.isArray(value)) return undefined;
  const pairs = value.filter(
    (pair): pair is [unknown, unknown] => Array.isArray(pair) && pair.length === 2 && isPlain(pair[0]),
  );
  return Object.fromEntries(pairs.map(([key, each]) => [String(key), each]));
}

export function isPlain(value: unknown): value is string | number | boolean {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}
