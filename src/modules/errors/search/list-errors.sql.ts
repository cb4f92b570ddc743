import type { CursorPosition } from '../../../common/http/cursor.js';
import type { ErrorSort, ListErrorsQuery } from '../dto/list-errors.dto.js';

/** Which errors a list holds. */
export type ErrorFilter = Pick<
  ListErrorsQuery,
  'level' | 'source' | 'environment' | 'resolved' | 'search' | 'from' | 'to'
>;

/** What a list is taken from, with the values of its `$1`, `$2`… */
export interface Selection {
  from: string;
  where: string;
  values: unknown[];
}

/** Where a search text without a trigram is looked for: no index helps with it. */
const RECENT_ERRORS = '(SELECT * FROM errors ORDER BY last_seen_minute DESC LIMIT 10000) AS errors';
const HAS_TRIGRAM = /[\p{L}\p{N}]{3}/u;
const MINUTE = `'00:01:00', $, '2000-01-01 00:00:00+00'`;

/**
 * Lists are ordered by the minute first, which the indexes hold, and by the exact time within it: counting an error
 * then changes no index more than once a minute.
 *
 * The reference asks for seven indexes over `timestamp`, which is our `last_seen`. Ours serve the same queries:
 * - `timestamp` → `idx_errors_last_seen (last_seen_minute)`
 * - `level`, `(level, timestamp)` → `idx_errors_level_last_seen (level, last_seen_minute)`
 * - `source` → `idx_errors_source_last_seen (source, last_seen_minute)`
 * - `resolved`, `(resolved, timestamp)` → `idx_errors_resolved_last_seen (resolved, last_seen_minute)`
 * - `fingerprint` → the unique constraint `errors_fingerprint_key`
 * Beyond it: `idx_errors_first_seen`, `idx_errors_environments` (GIN) and `idx_errors_message_trigrams` (GIN).
 */
const ORDERS: Record<ErrorSort, string> = {
  '-last_seen': 'last_seen_minute DESC, last_seen DESC, id DESC',
  last_seen: 'last_seen_minute, last_seen, id',
  '-first_seen': 'first_seen DESC, id DESC',
  first_seen: 'first_seen, id',
};

export function orderBy(sort: ErrorSort): string {
  return ORDERS[sort];
}

/** Narrows a selection to the rows behind a position. */
export function after(
  { from, where, values }: Selection,
  sort: ErrorSort,
  { at, id }: CursorPosition,
): Selection {
  const time = `$${values.length + 1}::timestamptz`;
  const key = `$${values.length + 2}::uuid`;
  const row = sort.endsWith('last_seen')
    ? `(last_seen_minute, last_seen, id) ${behind(sort)} (date_bin(${MINUTE.replace('$', time)}), ${time}, ${key})`
    : `(first_seen, id) ${behind(sort)} (${time}, ${key})`;
  return { from, where: `${where} AND ${row}`, values: [...values, at, id] };
}

function behind(sort: ErrorSort): '<' | '>' {
  return sort.startsWith('-') ? '<' : '>';
}

/** The rows that a filter lets through. */
export function selectionOf(filter: ErrorFilter): Selection {
  const values: unknown[] = [];
  const conditions: string[] = ['merged_into IS NULL'];
  const add = (condition: string, value: unknown): void => {
    values.push(value);
    conditions.push(condition.replaceAll('$', `$${values.length}`));
  };
  if (filter.level !== undefined) add('level = $', filter.level);
  if (filter.source !== undefined) add('source = $', filter.source);
  if (filter.resolved !== undefined) add('resolved = $', filter.resolved);
  if (filter.environment !== undefined) add('environments @> ARRAY[$]::text[]', filter.environment);
  if (filter.search !== undefined) add('message ILIKE $', `%${escapeLike(filter.search)}%`);
  // The index holds minutes, hence the second condition of each bound.
  if (filter.from) add(`last_seen >= $ AND last_seen_minute >= date_bin(${MINUTE})`, filter.from);
  if (filter.to) add('last_seen < $ AND last_seen_minute <= $', filter.to);
  return {
    from: filter.search !== undefined && !HAS_TRIGRAM.test(filter.search) ? RECENT_ERRORS : 'errors',
    where: conditions.join(' AND '),
    values,
  };
}

function escapeLike(text: string): string {
  return text.replace(/[\\%_]/g, String.raw`\$&`);
}
