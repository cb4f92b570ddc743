import { invalidField } from '../../../common/coded-exception.js';
import type { CursorPosition } from '../../../common/http/cursor.js';
import type { ErrorSort, ListErrorsQuery } from '../dto/list-errors.dto.js';
import { type Condition, condition, type JoinedTable, select, type Selection } from './conditions.js';
import { MINUTE, textCondition } from './search-fields.js';

/** Which errors a list holds, beside what a search says. */
export type ErrorFilter = Pick<
  ListErrorsQuery,
  'level' | 'source' | 'environment' | 'resolved' | 'search' | 'from' | 'to'
>;

/** Where a search text without a trigram is looked for: no index helps with it. */
const RECENT_ERRORS =
  '(SELECT * FROM errors WHERE merged_into IS NULL ORDER BY last_seen_minute DESC LIMIT 10000) AS errors';
const HAS_TRIGRAM = /[\p{L}\p{N}]{3}/u;
const NOT_MERGED: Condition = { sql: () => 'errors.merged_into IS NULL' };

interface Order {
  by: string;
  /** The columns behind it and the types of their values. */
  row: string;
  position: (at: string, id: string) => string;
  /** What a page’s last row is known by. */
  value: string;
  isNumber?: boolean;
  /** What changes nothing when added to the first column. */
  nothing: string;
  needs?: JoinedTable;
}

/**
 * Lists are ordered by the minute first, which the indexes hold, and by the exact time within it: counting an error
 * then changes no index more than once a minute. Counts and users are ordered as they were folded last.
 *
 * The reference asks for seven indexes over `timestamp`, which is our `last_seen`. Ours serve the same queries:
 * - `timestamp` → `idx_errors_last_seen (last_seen_minute)`
 * - `level`, `(level, timestamp)` → `idx_errors_level_last_seen (level, last_seen_minute)`
 * - `source` → `idx_errors_source_last_seen (source, last_seen_minute)`
 * - `resolved`, `(resolved, timestamp)` → `idx_errors_resolved_last_seen (resolved, last_seen_minute)`
 * - `fingerprint` → the unique constraint `errors_fingerprint_key`
 * Beyond it: `idx_errors_first_seen`, `idx_errors_environments` (GIN), `idx_errors_message_trigrams` (GIN), those of
 * `error_figures` by count and users, and `idx_error_facets_terms` (GIN) for tags.
 */
const ORDERS: Record<'last_seen' | 'first_seen' | 'count' | 'users', Order> = {
  last_seen: {
    by: 'errors.last_seen_minute, errors.last_seen, errors.id',
    row: '(errors.last_seen_minute, errors.last_seen, errors.id)',
    position: (at, id) => `(${MINUTE.replace('$', `${at}::timestamptz`)}, ${at}::timestamptz, ${id}::uuid)`,
    value: 'errors.last_seen',
    nothing: `interval '0'`,
  },
  first_seen: {
    by: 'errors.first_seen, errors.id',
    row: '(errors.first_seen, errors.id)',
    position: (at, id) => `(${at}::timestamptz, ${id}::uuid)`,
    value: 'errors.first_seen',
    nothing: `interval '0'`,
  },
  count: byFigure('count', 'bigint'),
  users: byFigure('users', 'int'),
};

function byFigure(column: string, type: string): Order {
  return {
    by: `figures.${column}, figures.error_id`,
    row: `(figures.${column}, figures.error_id)`,
    position: (at, id) => `(${at}::${type}, ${id}::uuid)`,
    value: `figures.${column}::float8`,
    isNumber: true,
    nothing: '0',
    needs: 'figures',
  };
}

function orderOf(sort: ErrorSort): Order {
  return ORDERS[sort.replace('-', '') as keyof typeof ORDERS];
}

export function orderBy(sort: ErrorSort): string {
  const { by } = orderOf(sort);
  return isDescending(sort) ? `${by.replaceAll(',', ' DESC,')} DESC` : by;
}

/** The same order, which no index gives: rows are found by what they must be, and sorted. */
export function sortBy(sort: ErrorSort): string {
  const { nothing } = orderOf(sort);
  return orderBy(sort).replace(/^[\w.]+/, (first) => `(${first} + ${nothing})`);
}

/** What a row’s place in the order is known by, beside its id. */
export function positionOf(sort: ErrorSort): string {
  return orderOf(sort).value;
}

/** Narrows a selection to the rows behind a position. */
export function after(
  { from, where, values }: Selection,
  sort: ErrorSort,
  { at, id }: CursorPosition,
): Selection {
  const { row, position, isNumber = false } = orderOf(sort);
  if ((typeof at === 'number') !== isNumber) throw invalidField('cursor', 'is not one that a list has given');
  const place = position(`$${values.length + 1}`, `$${values.length + 2}`);
  const behind = `${row} ${isDescending(sort) ? '<' : '>'} ${place}`;
  return { from, where: `${where} AND ${behind}`, values: [...values, at, id] };
}

function isDescending(sort: ErrorSort): boolean {
  return sort.startsWith('-');
}

/**
 * The rows that a filter lets through and for which the conditions of a search hold, for a list in this order.
 * `words` are those of the search that a message must hold.
 */
export function selectionOf(
  filter: ErrorFilter,
  sort: ErrorSort = '-last_seen',
  searched: readonly Condition[] = [],
  words: readonly string[] = [],
): Selection {
  const { needs } = orderOf(sort);
  const wanted = filter.search === undefined ? words : [filter.search, ...words];
  const isVague = wanted.length > 0 && !wanted.some((word) => HAS_TRIGRAM.test(word));
  return select(
    isVague ? RECENT_ERRORS : 'errors',
    [NOT_MERGED, ...filterConditions(filter, needs), ...searched, ...wanted.map(textCondition)],
    needs ? [needs] : [],
  );
}

function filterConditions(
  { level, source, environment, resolved, from, to }: ErrorFilter,
  ordered: JoinedTable | undefined,
): Condition[] {
  const conditions: Condition[] = [];
  const add = (sql: string, value: unknown): unknown =>
    value === undefined ? undefined : conditions.push(condition(sql, value));
  add('errors.level = $', level);
  // The index that the order comes from has the source too.
  add(`${ordered ?? 'errors'}.source = $`, source);
  add('errors.resolved = $', resolved);
  add('errors.environments @> ARRAY[$]::text[]', environment);
  // The index holds minutes, hence the second condition of each bound.
  add(`errors.last_seen >= $ AND errors.last_seen_minute >= ${MINUTE}`, from);
  add('errors.last_seen < $ AND errors.last_seen_minute <= $', to);
  return conditions;
}
