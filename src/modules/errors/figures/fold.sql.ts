/** Rows that one pass looks at, and entries of them that it takes: what a transaction can do within some hundred milliseconds. */
const MAX_ROWS = 1_000;
const MAX_ENTRIES = 10_000;

/** Takes the oldest tallies away. The first is taken however many entries it has. */
export const TAKE_TALLIES = `
  DELETE FROM error_tallies WHERE id = ANY(ARRAY(
    SELECT id FROM (
      SELECT id, sum(cardinality(kept)) OVER (ORDER BY id) - cardinality(kept) AS before
      FROM (SELECT id, kept FROM error_tallies ORDER BY id LIMIT ${MAX_ROWS}) AS oldest
    ) AS counted WHERE before < ${MAX_ENTRIES}))
  RETURNING entries, kept`;

/** Groups by fingerprint, with what is known of them. */
export const FIND_GROUPS = `
  SELECT errors.id, errors.fingerprint, errors.merged_into, facets.users, facets.tags
  FROM errors LEFT JOIN error_facets facets ON facets.error_id = errors.id
  WHERE errors.fingerprint = ANY($1)`;

/** Sketches of all groups that count together with these. */
export const FAMILY_SKETCHES = `
  SELECT target.id AS target, member.id AS member, facets.users
  FROM unnest($1::uuid[]) AS target (id)
  JOIN errors AS member ON member.merged_into = target.id OR member.id = target.id
  JOIN error_facets AS facets ON facets.error_id = member.id
  WHERE facets.users IS NOT NULL`;

export const SAVE_FIGURES = `
  INSERT INTO error_figures (error_id, source, count, users)
  SELECT errors.id, errors.source, errors.count, given.users
  FROM unnest($1::uuid[], $2::int[]) AS given (id, users) JOIN errors USING (id)
  ORDER BY errors.id
  ON CONFLICT (error_id) DO UPDATE SET count = excluded.count, users = excluded.users`;

/** The terms stay the very same while nothing new is in them, and so does their index. */
export const SAVE_FACETS = `
  INSERT INTO error_facets (error_id, users, tags, terms)
  SELECT id, users, tags, ARRAY(SELECT jsonb_array_elements_text(terms))
  FROM unnest($1::uuid[], $2::bytea[], $3::jsonb[], $4::jsonb[]) AS given (id, users, tags, terms)
  ORDER BY id
  ON CONFLICT (error_id) DO UPDATE SET users = excluded.users, tags = excluded.tags,
    terms = CASE WHEN error_facets.terms @> excluded.terms AND error_facets.terms <@ excluded.terms
      THEN error_facets.terms ELSE excluded.terms END`;

export const ADD_HOURS = `
  INSERT INTO error_hours (error_id, hour, count)
  SELECT * FROM unnest($1::uuid[], $2::timestamptz[], $3::bigint[]) AS added (error_id, hour, count)
  ORDER BY error_id, hour
  ON CONFLICT (error_id, hour) DO UPDATE SET count = error_hours.count + excluded.count`;

export const ADD_COUNTS = `
  INSERT INTO error_counts (hour, source, environment, level, count)
  SELECT * FROM unnest($1::timestamptz[], $2::text[], $3::text[], $4::text[], $5::bigint[])
    AS added (hour, source, environment, level, count)
  ORDER BY hour, source, environment, level
  ON CONFLICT (hour, source, environment, level) DO UPDATE SET count = error_counts.count + excluded.count`;

export const ADD_TAG_VALUES = `
  INSERT INTO error_tag_values (source, key, value, count, last_seen)
  SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::timestamptz[])
    AS added (source, key, value, count, last_seen)
  ORDER BY source, key, value
  ON CONFLICT (source, key, value) DO UPDATE SET count = error_tag_values.count + excluded.count,
    last_seen = greatest(error_tag_values.last_seen, excluded.last_seen)`;

/** Of each key of each source the values seen last stay. */
export const TRIM_TAG_VALUES = `
  DELETE FROM error_tag_values WHERE (source, key, value) IN (
    SELECT source, key, value FROM (
      SELECT source, key, value, row_number() OVER (PARTITION BY source, key ORDER BY last_seen DESC) AS place
      FROM error_tag_values) AS ranked
    WHERE place > $1)`;
