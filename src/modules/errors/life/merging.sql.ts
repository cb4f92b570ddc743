/** As in the statement that stores. */
const MAX_ENVIRONMENTS = 20;
const LEVELS = `'{debug,info,warning,error}'::text[]`;
/** Of an error, occurrences that are looked at to learn what was its own while it was merged. */
const MAX_LOOKED_AT = 10_000;

const worst = (levels: string): string =>
  `(array_agg(${levels} ORDER BY array_position(${LEVELS}, ${levels}) DESC))[1]`;

/**
 * Joins the errors `$2` into the error `$1`, at `$3`. What was its own is written down the first time, to be had again.
 * The joined rows stay as they are: as the record of what each was, and as where its own reports are counted beside.
 */
export const JOIN_INTO_TARGET = `
  UPDATE errors AS target SET
    count = target.count + joined.count,
    mute_until_count = target.mute_until_count + joined.count,
    first_seen = least(target.first_seen, joined.first_seen),
    last_seen = greatest(target.last_seen, joined.last_seen),
    level = CASE WHEN array_position(${LEVELS}, joined.level) > array_position(${LEVELS}, target.level)
      THEN joined.level ELSE target.level END,
    environments = ARRAY(SELECT DISTINCT environment FROM unnest(target.environments || joined.environments) AS environment
      ORDER BY environment LIMIT ${MAX_ENVIRONMENTS}),
    first_release = CASE WHEN joined.first_seen < target.first_seen THEN joined.first_release ELSE target.first_release END,
    newest_release = CASE WHEN joined.newest_release_at > coalesce(target.newest_release_at, '-infinity')
      THEN joined.newest_release ELSE target.newest_release END,
    newest_release_at = greatest(target.newest_release_at, joined.newest_release_at),
    updated_at = greatest(target.updated_at, $3::timestamptz),
    before_merge = coalesce(target.before_merge, jsonb_build_object('at', $3::timestamptz,
      'first_seen', target.first_seen, 'last_seen', target.last_seen, 'level', target.level,
      'environments', target.environments, 'first_release', target.first_release,
      'newest_release', target.newest_release, 'newest_release_at', target.newest_release_at))
  FROM (SELECT sum(count)::bigint AS count, min(first_seen) AS first_seen, max(last_seen) AS last_seen,
          ${worst('level')} AS level,
          ARRAY(SELECT DISTINCT unnest(environments) FROM errors WHERE id = ANY($2::uuid[])) AS environments,
          (array_agg(first_release ORDER BY first_seen))[1] AS first_release,
          (array_agg(newest_release ORDER BY newest_release_at DESC NULLS LAST))[1] AS newest_release,
          max(newest_release_at) AS newest_release_at
        FROM errors WHERE id = ANY($2::uuid[])) AS joined
  WHERE target.id = $1`;

/** From here on the statement that stores leaves them alone. When that began is written down. */
export const MARK_AS_MERGED = `
  UPDATE errors SET merged_into = $1, before_merge = jsonb_build_object('at', $3::timestamptz) WHERE id = ANY($2::uuid[])`;

/** What the error `id` alone was reported with since `at`, as far as it is kept. */
const ownSince = (id: string, at: string): string => `
  SELECT max(received_at) AS last_seen, ${worst('level')} AS level, array_remove(array_agg(DISTINCT environment), NULL) AS environments
  FROM (SELECT * FROM (SELECT received_at, level, environment FROM error_occurrences
          WHERE error_id = ${id} AND received_at >= ${at} ORDER BY received_at DESC LIMIT ${MAX_LOOKED_AT}) AS kept
        UNION ALL SELECT received_at, level, environment FROM error_last_occurrences
          WHERE error_id = ${id} AND received_at >= ${at}) AS since`;

/**
 * Takes the errors `$2` out of the error `$1`, at `$3`: it becomes what it was by itself, with what has been reported since
 * and with those that stay. To be run while they are still marked as merged, and everything is locked.
 */
export const TAKE_FROM_TARGET = `
  WITH leaving AS (SELECT coalesce(sum(count), 0)::bigint AS count FROM errors WHERE id = ANY($2::uuid[])),
  own AS (
    SELECT was.*, target.source FROM errors AS target, jsonb_to_record(target.before_merge) AS was (at timestamptz,
      first_seen timestamptz, last_seen timestamptz, level text, environments text[], first_release text,
      newest_release text, newest_release_at timestamptz) WHERE target.id = $1
  ),
  since AS (SELECT since.* FROM own, LATERAL (${ownSince('$1', 'own.at')}) AS since),
  newer AS (
    SELECT releases.version AS newest_release, releases.first_seen AS newest_release_at
    FROM own, LATERAL (SELECT DISTINCT release FROM (SELECT release FROM error_occurrences
        WHERE error_id = $1 AND received_at >= own.at ORDER BY received_at DESC LIMIT ${MAX_LOOKED_AT}) AS kept) AS kept
    JOIN releases ON releases.version = kept.release WHERE releases.source = own.source
  ),
  parts AS (
    SELECT first_seen, last_seen, level, environments, first_release, newest_release, newest_release_at FROM own
    UNION ALL SELECT NULL, last_seen, level, environments, NULL, NULL, NULL FROM since WHERE level IS NOT NULL
    UNION ALL SELECT NULL, NULL, NULL, NULL, NULL, newest_release, newest_release_at FROM newer
    UNION ALL SELECT first_seen, last_seen, level, environments, first_release, newest_release, newest_release_at
      FROM errors WHERE merged_into = $1 AND NOT id = ANY($2::uuid[])
  ),
  whole AS (
    SELECT min(first_seen) AS first_seen, max(last_seen) AS last_seen,
      (array_agg(level ORDER BY array_position(${LEVELS}, level) DESC NULLS LAST))[1] AS level,
      (array_agg(first_release ORDER BY first_seen NULLS LAST))[1] AS first_release,
      (array_agg(newest_release ORDER BY newest_release_at DESC NULLS LAST))[1] AS newest_release,
      max(newest_release_at) AS newest_release_at FROM parts
  )
  UPDATE errors AS target SET
    count = target.count - leaving.count,
    mute_until_count = target.mute_until_count - leaving.count,
    first_seen = whole.first_seen, last_seen = whole.last_seen, level = whole.level,
    first_release = whole.first_release, newest_release = whole.newest_release, newest_release_at = whole.newest_release_at,
    environments = ARRAY(SELECT DISTINCT environment FROM parts, unnest(parts.environments) AS environment
      ORDER BY environment LIMIT ${MAX_ENVIRONMENTS}),
    updated_at = greatest(target.updated_at, $3::timestamptz),
    before_merge = CASE WHEN EXISTS (SELECT FROM errors WHERE merged_into = $1 AND NOT id = ANY($2::uuid[]))
      THEN target.before_merge END
  FROM leaving, whole WHERE target.id = $1`;

/** They stand for themselves again: as they were, with what they alone were reported with since. */
export const MARK_AS_OWN = `
  UPDATE errors AS own SET merged_into = NULL, before_merge = NULL, updated_at = greatest(own.updated_at, $2::timestamptz),
    level = CASE WHEN array_position(${LEVELS}, since.level) > array_position(${LEVELS}, own.level)
      THEN since.level ELSE own.level END,
    environments = ARRAY(SELECT DISTINCT environment FROM unnest(own.environments || since.environments) AS environment
      ORDER BY environment LIMIT ${MAX_ENVIRONMENTS})
  FROM (SELECT merged.id, since.level, since.environments FROM errors AS merged,
          LATERAL (${ownSince('merged.id', `(merged.before_merge ->> 'at')::timestamptz`)}) AS since
        WHERE merged.id = ANY($1::uuid[])) AS since
  WHERE own.id = since.id`;

/** A mute by rate compares counts: those that come or go in one piece are no occurrences of these minutes. */
export const SHIFT_SAMPLES = `
  UPDATE error_mute_samples SET count = count + $3 * (SELECT coalesce(sum(errors.count), 0)::bigint FROM errors WHERE id = ANY($2::uuid[]))
  WHERE error_id = $1`;

/** Tallies of no reports: who folds them looks at the counts and users of these errors again. */
export const FOLD_AGAIN = `
  INSERT INTO error_tallies (entries, kept)
  SELECT json_agg(json_build_object('f', fingerprint, 's', source, 'n', 0,
      't', floor(extract(epoch FROM $2::timestamptz) * 1000), 'l', '{}'::json, 'e', '{}'::json))::text,
    array_fill(0, ARRAY[count(*)::int])
  FROM errors WHERE id = ANY($1::uuid[])`;
