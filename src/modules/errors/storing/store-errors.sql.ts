import { MAX_CONTEXT_BYTES } from './context-union.js';
import { type BatchGroup, mergedContextJson, type PendingError } from './error-batch.js';

/** Environments that a group remembers. */
const MAX_ENVIRONMENTS = 20;
/** Joins environments in one text: an array of arrays of unequal length is none to PostgreSQL. */
const SEPARATOR = '\u001f';

/**
 * Union of both contexts, the newest value of a key wins, objects under the same key merged one level deep:
 * `ContextUnion` in SQL. `OFFSET 0` keeps it from being worked out twice.
 */
const MERGED_CONTEXT = `
  (SELECT CASE WHEN pg_column_size(merged.context) > ${MAX_CONTEXT_BYTES} THEN excluded.context ELSE merged.context END
   FROM (SELECT errors.context || excluded.context || coalesce((
           SELECT jsonb_object_agg(newer.key, (errors.context -> newer.key) || newer.value)
           FROM jsonb_each(excluded.context) AS newer
           WHERE jsonb_typeof(newer.value) = 'object' AND jsonb_typeof(errors.context -> newer.key) = 'object'
         ), '{}') AS context OFFSET 0) AS merged)`;

/** The array stays the very same while nothing new is in it, and so does its index. */
const MERGED_ENVIRONMENTS = `
  CASE WHEN excluded.environments <@ errors.environments OR cardinality(errors.environments) >= ${MAX_ENVIRONMENTS}
    THEN errors.environments
    ELSE ARRAY(SELECT DISTINCT environment FROM unnest(errors.environments || excluded.environments) AS environment
               ORDER BY environment LIMIT ${MAX_ENVIRONMENTS}) END`;

const WORST_LEVEL = `
  CASE WHEN array_position('{debug,info,warning,error}', excluded.level) > array_position('{debug,info,warning,error}', errors.level)
    THEN excluded.level ELSE errors.level END`;

/**
 * Stores one flush: opens or counts its groups, and keeps every occurrence, in one statement and so in one transaction.
 * The texts travel once: a group takes its own from its occurrences, the title and the stack trace from the first.
 *
 * Counting changes no indexed column (but `last_seen_minute`, once a minute), which lets PostgreSQL update in place.
 * Groups are locked in the order of their fingerprints.
 */
const STORE = `
WITH occurrence AS MATERIALIZED (
  SELECT * FROM unnest($1::uuid[], $2::int[], $3::timestamptz[], $4::text[], $5::text[], $6::text[], $7::jsonb[],
                       $8::text[], $9::text[], $10::text[], $11::text[])
    WITH ORDINALITY AS o (id, in_group, received_at, level, message, stack_trace, context,
                          environment, user_agent, ip_address, url, number)
), saved AS (
  INSERT INTO errors (id, fingerprint, grouping_version, grouping_text, level, message, stack_trace, context, source,
    environment, environments, user_agent, ip_address, url, count, first_seen, last_seen, created_at, updated_at)
  SELECT g.id, g.fingerprint, g.version, g.grouping_text, g.level, first.message, first.stack_trace,
    coalesce(g.context, first.context), g.source, newest.environment,
    coalesce(string_to_array(g.environments, '${SEPARATOR}'), '{}'),
    newest.user_agent, newest.ip_address, newest.url, g.count, first.received_at, newest.received_at,
    first.received_at, newest.received_at
  FROM unnest($12::uuid[], $13::text[], $14::smallint[], $15::text[], $16::text[], $17::text[], $18::jsonb[], $19::text[],
              $20::int[], $21::int[], $22::int[])
    AS g (id, fingerprint, version, grouping_text, level, source, context, environments, count, first, newest)
  JOIN occurrence AS first ON first.number = g.first
  JOIN occurrence AS newest ON newest.number = g.newest
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
    resolved = false,
    resolved_at = NULL,
    regressed_at = CASE WHEN errors.resolved THEN $23::timestamptz ELSE errors.regressed_at END
  RETURNING *, xmax = 0 AS is_new, coalesce(regressed_at = $23::timestamptz, false) AS is_regression
), kept AS (
  INSERT INTO error_occurrences (error_id, received_at, id, level, message, stack_trace, context, environment,
    user_agent, ip_address, url)
  SELECT saved.id, o.received_at, o.id, o.level, o.message, o.stack_trace, o.context, o.environment,
    o.user_agent, o.ip_address, o.url
  FROM occurrence AS o JOIN saved ON saved.fingerprint = ($13::text[])[o.in_group]
)
SELECT id, fingerprint, level, message, stack_trace, context, source, environment, environments, user_agent, ip_address,
  url, resolved, resolved_at, regressed_at, count, first_seen, last_seen, created_at, updated_at, is_new, is_regression
FROM saved`;

/**
 * The statement that stores one flush, with its parameters.
 * @param flushedAt a time that no other flush has: it marks the groups that this one reopened
 */
export function storeErrors(
  groups: readonly BatchGroup[],
  flushedAt: string,
): { text: string; values: unknown[] } {
  const occurrences: PendingError[] = [];
  const inGroup: number[] = [];
  const first: number[] = [];
  const newest: number[] = [];
  groups.forEach((group, index) => {
    first.push(occurrences.length + 1);
    for (const member of group.members) {
      occurrences.push(member);
      inGroup.push(index + 1);
    }
    newest.push(occurrences.length);
  });
  return {
    text: STORE,
    values: [...occurrenceColumns(occurrences, inGroup), ...groupColumns(groups), first, newest, flushedAt],
  };
}

function occurrenceColumns(items: readonly PendingError[], inGroup: readonly number[]): unknown[] {
  const column = <T>(read: (item: PendingError) => T): T[] => items.map(read);
  return [
    column(({ id }) => id),
    inGroup,
    column(({ receivedAt }) => receivedAt.toISOString()),
    column(({ report }) => report.level),
    column(({ report }) => report.message),
    column(({ report }) => report.stack_trace),
    column(({ contextJson }) => contextJson),
    column(({ report }) => report.environment),
    column(({ report }) => report.user_agent),
    column(({ report }) => report.ip_address),
    column(({ report }) => report.url),
  ];
}

function groupColumns(groups: readonly BatchGroup[]): unknown[] {
  const column = <T>(read: (group: BatchGroup, first: PendingError) => T): T[] =>
    groups.map((group) => read(group, group.members[0]!));
  return [
    column((_, first) => first.id),
    column(({ fingerprint }) => fingerprint),
    column((_, { grouping }) => grouping.version),
    column((_, { grouping }) => grouping.text),
    column(({ level }) => level),
    column((_, { report }) => report.source),
    groups.map(mergedContextJson),
    column(({ environments }) => (environments.length === 0 ? null : environments.join(SEPARATOR))),
    column(({ members }) => members.length),
  ];
}
