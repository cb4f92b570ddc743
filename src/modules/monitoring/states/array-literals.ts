/**
 * Columns of many rows as PostgreSQL’s array literals. The driver builds them too, value by value and quoting each one;
 * for a thousand checks a second that was a good part of the work.
 */

/** Values that contain nothing to quote: ids, and words of ours. */
export function plain(values: readonly string[]): string {
  return `{${values.join(',')}}`;
}

export function numbers(values: readonly (number | null)[]): string {
  return `{${values.map((value) => value ?? 'NULL').join(',')}}`;
}

/** Milliseconds, to the microsecond: `real` keeps no more. */
export function milliseconds(values: readonly (number | null)[]): string {
  return `{${values.map((value) => (value === null ? 'NULL' : Math.round(value * 1_000) / 1_000)).join(',')}}`;
}

export function booleans(values: readonly (boolean | null)[]): string {
  return `{${values.map((value) => value ?? 'NULL').join(',')}}`;
}

/** Any text. A null character, which PostgreSQL’s texts cannot hold, becomes the sign for what cannot be shown. */
export function texts(values: readonly (string | null)[]): string {
  return `{${values.map((value) => (value === null ? 'NULL' : quoted(value))).join(',')}}`;
}

function quoted(value: string): string {
  return `"${value.replaceAll('\0', '\uFFFD').replace(/["\\]/g, '\\$&')}"`;
}
