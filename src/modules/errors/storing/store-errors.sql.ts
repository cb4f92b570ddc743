import { MAX_CONTEXT_BYTES } from './context-union.js';
import { SAVED_COLUMNS } from './saved-error.js';
import { fromSeparated } from './separated.js';

/** Environments that a group remembers. */
const MAX_ENVIRONMENTS = 20;

/**
 * Union of both contexts, the newest value of a key wins, objects under the same key merged one level deep:
 * `ContextUnion` in SQL. `OFFSET 0` keeps it from being worked out twice.
 */
const MERGED_CONTEXT = `
  (SELECT CASE WHEN pg_column_size(merged.context) > ${MAX_CONTEXT_BYTES} THEN excluded.context ELSE merged.context END
   FROM (SELECT CASE WHEN jsonb_path_exists(excluded.context, '$.* ? (@.type() == "object")')
     THEN errors.context || excluded.context || coalesce((
           SELECT jsonb_object_agg(newer.key, (errors.context -> newer.key) || newer.value)
           FROM jsonb_each(excluded.context) AS newer
           WHERE jsonb_typeof(newer.value) = 'object' AND jsonb_typeof(errors.context -> newer.key) = 'object'
         ), '{}')
     ELSE errors.context || excluded.context END AS context OFFSET 0) AS merged)`;

/** The array stays the very same while nothing new is in it, and so does its index. */
const MERGED_ENVIRONMENTS = `
  CASE WHEN excluded.environments <@ errors.environments OR cardinality(errors.environments) >= ${MAX_ENVIRONMENTS}
    THEN errors.environments
    ELSE ARRAY(SELECT DISTINCT environment FROM unnest(errors.environments || excluded.environments) AS environment
               ORDER BY environment LIMIT ${MAX_ENVIRONMENTS}) END`;

const WORST_LEVEL = `
  CASE WHEN errors.level = excluded.level THEN errors.level
    WHEN array_position('{debug,info,warning,error}', excluded.level) > array_position('{debug,info,warning,error}', errors.level)
    THEN excluded.level ELSE errors.level END`;

/** The parameters behind the columns of occurrences, groups, tallies and keys: see `store-parameters.ts`. */
const STAMP = '$1::timestamptz';
const DAY = '$2::date';
const BUDGET = '$3::int';
const TALLIES = '$4::text';

/** A group resolved in its next release is opened again only by a release that was not known when it was resolved. */
const REOPENS = `(errors.resolved AND (errors.resolution IS DISTINCT FROM 'next_release'
  OR coalesce(excluded.newest_release_at > errors.resolved_at, false)))`;

const UNMUTES = `(errors.muted AND (coalesce(errors.muted_until <= ${STAMP}, false)
  OR coalesce(errors.mute_until_count <= errors.count + excluded.count, false)))`;

/**
 * Whether an occurrence is kept, by its rank among those of its group that day: all up to the budget, then one in 2, 4, 8…,
 * which spreads over any flood and grows with its logarithm. The first of a regression is kept too.
 */
const IS_KEPT = `(rank <= ${BUDGET} OR is_returning
  OR rank & ((1 << ceil(ln(rank / ${BUDGET}::float8) / ln(2::float8))::int) - 1) = 0)`;

/** Columns with their types, in the order of the parameters. */
export const OCCURRENCE_PARAMETERS = [
  ['id', 'uuid'],
  ['received_at', 'timestamptz'],
  ['level', 'text'],
  ['message', 'text'],
  ['stack_trace', 'text'],
  ['context', 'jsonb'],
  ['environment', 'text'],
  ['user_agent', 'text'],
  ['ip_address', 'text'],
  ['url', 'text'],
  ['release', 'text'],
  ['event_id', 'text'],
  ['occurred_at', 'timestamptz'],
  ['user_key', 'text'],
  ['tags', 'jsonb'],
  ['details', 'jsonb'],
  ['in_group', 'int'],
  ['in_tally', 'int'],
  ['merged_id', 'uuid'],
  ['behind', 'int'],
] as const;
export const GROUP_PARAMETERS = [
  ['id', 'uuid'],
  ['fingerprint', 'text'],
  ['version', 'smallint'],
  ['grouping_text', 'text'],
  ['level', 'text'],
  ['source', 'text'],
  ['context', 'jsonb'],
  ['environments', 'text'],
  ['count', 'int'],
  ['first', 'int'],
  ['newest', 'int'],
  ['culprit', 'text'],
  ['platform', 'text'],
  ['release', 'text'],
  ['release_at', 'timestamptz'],
] as const;
export const KEY_PARAMETERS = [
  ['scope', 'text'],
  ['key', 'text'],
  ['number', 'int'],
] as const;

type Columns = readonly (readonly [name: string, type: string])[];

const FIRST_COLUMN = 5;

/** `unnest(…) WITH ORDINALITY AS name (…)` of columns that lie in the parameters from this one on. */
function rowsOf(columns: Columns, from: number, name: string, ordinality: string): string {
  const arrays = columns.map(([, type], index) => fromSeparated(from + index, type));
  return `unnest(${arrays.join(', ')}) WITH ORDINALITY AS ${name} (${columns.map(([column]) => column).join(', ')}, ${ordinality})`;
}

const OCCURRENCES = rowsOf(OCCURRENCE_PARAMETERS, FIRST_COLUMN, 'o', 'number');
const GROUPS = rowsOf(GROUP_PARAMETERS, FIRST_COLUMN + OCCURRENCE_PARAMETERS.length, 'g', 'in_group');
const KEYS = rowsOf(
  KEY_PARAMETERS,
  FIRST_COLUMN + OCCURRENCE_PARAMETERS.length + GROUP_PARAMETERS.length,
  'k',
  'n',
);

/** What both tables of occurrences hold of a report, beside the error that it belongs to. */
const STORED = OCCURRENCE_PARAMETERS.map(([name]) => name).slice(0, 16);

/**
 * Stores one flush in one statement and so in one transaction: opens or counts its groups, keeps occurrences within
 * their budget and the newest in any case, claims the keys that must not be counted twice, and writes the tally down.
 * The texts travel once: a group takes its own from its occurrences, the title and the stack trace from the first.
 *
 * Counting changes no indexed column (but `last_seen_minute`, once a minute), which lets PostgreSQL update in place.
 * Groups are locked in the order of their fingerprints. A group that is merged into another is left alone and not
 * answered, and nothing of it is stored. A key that is there already fails the whole statement.
 */
export const STORE_ERRORS = storeErrors({ locked: '', only: '', beside: '' });

/**
 * The same for a flush with reports of merged groups, whose own counts go on beside. Merged groups are locked first, by id.
 * A group with a report of one that is merged into it no longer is left alone, like one that is merged itself.
 */
export const STORE_MERGED_ERRORS = storeErrors({
  locked: `
alias AS MATERIALIZED (
  SELECT merged.id, target.fingerprint FROM errors AS merged JOIN errors AS target ON target.id = merged.merged_into
  WHERE merged.id IN (SELECT merged_id FROM occurrence) ORDER BY merged.id FOR NO KEY UPDATE OF merged
),`,
  only: `
  WHERE NOT EXISTS (
    SELECT FROM occurrence AS o WHERE o.in_group = g.in_group AND o.merged_id IS NOT NULL
      AND NOT EXISTS (SELECT FROM alias WHERE alias.id = o.merged_id AND alias.fingerprint = g.fingerprint))`,
  beside: `, counted_beside AS (
  UPDATE errors SET count = errors.count + own.count, last_seen = greatest(errors.last_seen, own.last_seen)
  FROM (SELECT merged_id, count(*) AS count, max(received_at) AS last_seen FROM ranked
        WHERE merged_id IS NOT NULL GROUP BY merged_id) AS own
  WHERE errors.id = own.merged_id
)`,
});

function storeErrors({ locked, only, beside }: Record<'locked' | 'only' | 'beside', string>): string {
  return `
WITH occurrence AS MATERIALIZED (SELECT * FROM ${OCCURRENCES}),
batch_group AS MATERIALIZED (SELECT * FROM ${GROUPS}),${locked}
saved AS (
  INSERT INTO errors (id, fingerprint, grouping_version, grouping_text, level, message, stack_trace, context, source,
    environment, environments, user_agent, ip_address, url, count, first_seen, last_seen, created_at, updated_at,
    culprit, platform, first_release, newest_release, newest_release_at, day, day_count)
  SELECT g.id, g.fingerprint, g.version, g.grouping_text, g.level, first.message, first.stack_trace,
    coalesce(g.context, first.context), g.source, newest.environment,
    coalesce(string_to_array(g.environments, U&'\\001d'), '{}'),
    newest.user_agent, newest.ip_address, newest.url, g.count, first.received_at, newest.received_at,
    first.received_at, newest.received_at,
    g.culprit, g.platform, g.release, g.release, g.release_at, ${DAY}, g.count
  FROM batch_group AS g
  JOIN occurrence AS first ON first.number = g.first
  JOIN occurrence AS newest ON newest.number = g.newest${only}
  ORDER BY g.fingerprint
  ON CONFLICT (fingerprint) DO UPDATE SET
    count = errors.count + excluded.count,
    last_seen = greatest(errors.last_seen, excluded.last_seen),
    updated_at = greatest(errors.updated_at, excluded.updated_at),
    level = ${WORST_LEVEL},
    context = ${MERGED_CONTEXT},
    environment = coalesce(excluded.environment, errors.environment),
    environments = ${MERGED_ENVIRONMENTS},
    user_agent = coalesce(excluded.user_agent, errors.user_agent),
    ip_address = coalesce(excluded.ip_address, errors.ip_address),
    url = coalesce(excluded.url, errors.url),
    newest_release = CASE WHEN excluded.newest_release_at >= coalesce(errors.newest_release_at, '-infinity')
      THEN excluded.newest_release ELSE errors.newest_release END,
    newest_release_at = greatest(errors.newest_release_at, excluded.newest_release_at),
    day = excluded.day,
    day_count = CASE WHEN errors.day = excluded.day THEN errors.day_count ELSE 0 END + excluded.day_count,
    resolved = errors.resolved AND NOT ${REOPENS},
    resolved_at = CASE WHEN ${REOPENS} THEN NULL ELSE errors.resolved_at END,
    resolution = CASE WHEN ${REOPENS} THEN NULL ELSE errors.resolution END,
    regressed_at = CASE WHEN ${REOPENS} THEN ${STAMP} ELSE errors.regressed_at END,
    muted = errors.muted AND NOT ${UNMUTES},
    unmuted_at = CASE WHEN ${UNMUTES} THEN ${STAMP} ELSE errors.unmuted_at END
  WHERE errors.merged_into IS NULL
  RETURNING *, xmax = 0 AS is_new, coalesce(regressed_at = ${STAMP}, false) AS is_regression,
    coalesce(unmuted_at = ${STAMP}, false) AS is_unmuted
), ranked AS MATERIALIZED (
  SELECT placed.*, ${IS_KEPT} AS is_kept
  FROM (SELECT o.*, coalesce(o.merged_id, saved.id) AS error_id, saved.day_count - o.behind AS rank,
          saved.is_regression AND o.number = g.first AS is_returning
        FROM occurrence AS o
        JOIN batch_group AS g USING (in_group)
        JOIN saved ON saved.fingerprint = g.fingerprint) AS placed
), kept AS (
  INSERT INTO error_occurrences (error_id, ${STORED.join(', ')})
  SELECT error_id, ${STORED.join(', ')} FROM ranked WHERE is_kept
), latest AS (
  INSERT INTO error_last_occurrences (error_id, ${STORED.join(', ')})
  SELECT error_id, ${STORED.join(', ')} FROM ranked WHERE behind = 0 AND NOT is_kept ORDER BY error_id
  ON CONFLICT (error_id) DO UPDATE SET ${STORED.map((name) => `${name} = excluded.${name}`).join(', ')}
), tallied AS (
  INSERT INTO error_tallies (entries, kept)
  SELECT ${TALLIES}, array_agg(kept ORDER BY in_tally)
  FROM (SELECT in_tally, CASE WHEN count(ranked.number) = 0 THEN -1
          ELSE count(*) FILTER (WHERE ranked.is_kept) END::int AS kept
        FROM occurrence LEFT JOIN ranked USING (in_tally, number) GROUP BY in_tally) AS counted
), claimed AS (
  INSERT INTO idempotency_keys (scope, key, resource_id, created_at)
  SELECT k.scope, k.key, ranked.error_id, ranked.received_at
  FROM ${KEYS} JOIN ranked USING (number) ORDER BY k.scope, k.key
), noted AS (
  INSERT INTO error_activities (id, error_id, at, kind, actor_kind, details)
  SELECT gen_random_uuid(), id, ${STAMP}, 'regressed', 'watchkeep', jsonb_strip_nulls(jsonb_build_object('release', newest_release))
  FROM saved WHERE is_regression
  UNION ALL
  SELECT gen_random_uuid(), id, ${STAMP}, 'unmuted', 'watchkeep',
    jsonb_build_object('because', CASE WHEN muted_until <= ${STAMP} THEN 'time' ELSE 'count' END)
  FROM saved WHERE is_unmuted
)${beside}
SELECT ${SAVED_COLUMNS}, is_new, is_regression, is_unmuted FROM saved`;
}
