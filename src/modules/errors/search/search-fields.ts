import { ERROR_LEVELS } from '../../../database/entities/error-group.entity.js';
import { hasKey, term } from '../figures/facets.js';
import { type Condition, condition } from './conditions.js';
import type { SearchLookups } from './search-lookups.js';
import { refused, type SearchFilter, type SearchValue } from './search-syntax.js';
import {
  escapeLike,
  likePattern,
  onlyValue,
  texts,
  timeBounds,
  wholeNumber,
  words,
} from './search-values.js';

const DAY_MS = 86_400_000;

/** Who asks, when, and what has to be looked up. */
export interface SearchContext {
  now: Date;
  /** Id of the member who asks; undefined for a key. */
  userId: string | undefined;
  lookups: SearchLookups;
}

type Field = (filter: SearchFilter, context: SearchContext) => Condition | Promise<Condition>;

const STATES: Record<string, string> = {
  unresolved: 'NOT errors.resolved AND NOT errors.muted',
  resolved: 'errors.resolved',
  muted: 'errors.muted',
  regressed: 'errors.regressed_at IS NOT NULL AND NOT errors.resolved',
  new: 'errors.first_seen >= $',
  assigned: 'errors.assigned_to IS NOT NULL',
  unassigned: 'errors.assigned_to IS NULL',
};

/** `date_bin` as the column `last_seen_minute` has it. */
export const MINUTE = `date_bin('00:01:00', $, '2000-01-01 00:00:00+00')`;

const TIMES: Record<'first_seen' | 'last_seen', Record<'from' | 'to', string>> = {
  first_seen: { from: 'errors.first_seen >= $', to: 'errors.first_seen < $' },
  // The index holds minutes, hence the second condition of each bound.
  last_seen: {
    from: `errors.last_seen >= $ AND errors.last_seen_minute >= ${MINUTE}`,
    to: 'errors.last_seen < $ AND errors.last_seen_minute <= $',
  },
};

/** What each key of a search means. Any other is a tag. */
const FIELDS: Record<string, Field> = {
  is: (filter, { now }) => {
    const since = new Date(now.getTime() - DAY_MS);
    const states = words(filter, Object.keys(STATES));
    return anyOf(states.map((state) => condition(STATES[state]!, since, undefined)));
  },
  level: (filter) => equals('errors.level', words(filter, ERROR_LEVELS)),
  source: async (filter, { lookups }) => equals('errors.source', await known(filter, 'source', lookups)),
  environment: async (filter, { lookups }) => {
    const values = await known(filter, 'environment', lookups);
    return condition(`errors.environments ${values.length === 1 ? '@>' : '&&'} $::text[]`, values);
  },
  release: (filter, context) => tagged('release', filter, context),
  assigned: async (filter, { userId, lookups }) => {
    const values = await Promise.all(texts(filter).map((value) => assignee(value, userId, lookups)));
    const ids = values.filter((id) => id !== null);
    return anyOf([
      ...(ids.length > 0 ? [equals('errors.assigned_to', ids, 'uuid')] : []),
      ...(ids.length < values.length ? [condition('errors.assigned_to IS NULL', null)] : []),
    ]);
  },
  first_seen: (filter, { now }) => seen('first_seen', filter, now),
  last_seen: (filter, { now }) => seen('last_seen', filter, now),
  count: (filter) => compared('figures.count', filter),
  users: (filter) => compared('figures.users', filter),
  has: (filter) => {
    const { text } = onlyValue(filter);
    if (text === 'user') return condition('figures.users > 0', null, 'figures');
    return condition('facets.terms @> $::text[]', [hasKey(tagName(text))], 'facets');
  },
};

/** @throws CodedException `VALIDATION_FAILED` that names the column */
export async function fieldCondition(filter: SearchFilter, context: SearchContext): Promise<Condition> {
  const field = Object.hasOwn(FIELDS, filter.key) ? FIELDS[filter.key] : undefined;
  return field ? field(filter, context) : tagged(tagName(filter.key), filter, context);
}

/** `tag.os` is `os`, also where `os` would mean something else. */
function tagName(key: string): string {
  return key.startsWith('tag.') && key.length > 4 ? key.slice(4) : key;
}

async function tagged(key: string, filter: SearchFilter, { lookups }: SearchContext): Promise<Condition> {
  const values = await known(filter, key, lookups);
  const terms = values.map((value) => term(key, value));
  return condition(`facets.terms ${terms.length === 1 ? '@>' : '&&'} $::text[]`, terms, 'facets');
}

/** The values, those with wildcards replaced by all that are known and match. */
async function known(filter: SearchFilter, key: string, lookups: SearchLookups): Promise<string[]> {
  const values = await Promise.all(
    texts(filter).map(async (value) => {
      const pattern = likePattern(value);
      return pattern === undefined ? [value.text] : lookups.values(key, pattern);
    }),
  );
  return values.flat();
}

async function assignee(
  { text, column }: SearchValue,
  userId: string | undefined,
  lookups: SearchLookups,
): Promise<string | null> {
  if (text === 'none') return null;
  if (text === 'me') {
    if (userId === undefined) throw refused(column, 'none or an e-mail address: a key is nobody’s “me”');
    return userId;
  }
  if (!text.includes('@')) throw refused(column, 'me, none or an e-mail address');
  return lookups.userId(text);
}

function equals(column: string, values: readonly string[], type = 'text'): Condition {
  // An array of one is no equality to an index that gives rows in order.
  return values.length === 1
    ? condition(`${column} = $::${type}`, values[0])
    : condition(`${column} = ANY($::${type}[])`, values);
}

function compared(column: string, filter: SearchFilter): Condition {
  const { comparison, number } = wholeNumber(filter);
  return condition(`${column} ${comparison} $::bigint`, number, 'figures');
}

function seen(column: 'first_seen' | 'last_seen', filter: SearchFilter, now: Date): Condition {
  const bounds = timeBounds(filter, now);
  return {
    sql: (place) =>
      bounds
        .map(({ bound, time }) => TIMES[column][bound].replaceAll('$', `${place(time)}::timestamptz`))
        .join(' AND '),
  };
}

function anyOf(conditions: readonly Condition[]): Condition {
  return { sql: (place) => `(${conditions.map(({ sql }) => sql(place)).join(' OR ')})` };
}

/** That the message holds a text, whatever its case. */
export function textCondition(text: string): Condition {
  return condition('errors.message ILIKE $', `%${escapeLike(text)}%`);
}

/** Whether a search may find something else for somebody else. Rather once too often than once too few. */
export function asksForMe({ query }: { query?: unknown }): boolean {
  return query !== undefined && (typeof query !== 'string' || /me/i.test(query));
}
