import type { DataSource } from 'typeorm';

/** Rows that one statement writes: it has a time limit. */
const SLICE = 10_000;

/**
 * Fills `errors` as months of use would: ten sources of unequal size, one error in a hundred rare in every respect,
 * last seen over 90 days. Deterministic.
 */
export async function generateErrors(dataSource: DataSource, count: number): Promise<void> {
  for (let first = 1; first <= count; first += SLICE) await generateSlice(dataSource, count, first);
  await dataSource.query(
    `INSERT INTO error_figures (error_id, source, count, users)
     SELECT id, source, count, abs(uuid_hash(id)::bigint) % 1000 FROM errors;
     INSERT INTO error_facets (error_id, tags, terms)
     SELECT id, '{}', ARRAY['?os', 'os=' || (ARRAY['Linux', 'macOS'])[1 + abs(uuid_hash(id)::bigint) % 2], '?customer',
       'customer=' || abs(uuid_hash(id)::bigint) % 10000] FROM errors`,
  );
  for (const table of ['errors', 'error_figures', 'error_facets'])
    await dataSource.query(`VACUUM (ANALYZE) ${table}`);
}

async function generateSlice(dataSource: DataSource, count: number, first: number): Promise<void> {
  await dataSource.query(
    `INSERT INTO errors (id, fingerprint, grouping_version, grouping_text, level, message, stack_trace, context, source,
       environment, environments, resolved, resolved_at, regressed_at, count, first_seen, last_seen, created_at, updated_at)
     SELECT gen_random_uuid(), md5(n::text), 1, 'generated', 
       CASE WHEN n % 100 = 0 THEN 'debug' WHEN n % 10 = 0 THEN 'info' WHEN n % 3 = 0 THEN 'warning' ELSE 'error' END,
       'Request ' || md5(n::text) || ' of ' || (ARRAY['checkout', 'search', 'login', 'upload'])[1 + n % 4] || ' failed'
         || CASE WHEN n % 10000 = 0 THEN ' with quuxcondition' ELSE '' END,
       'Error: generated' || repeat(E'\n    at handler (/srv/app/src/file.js:1:2)', 5), '{"user_id": "1"}',
       CASE WHEN n % 1000 = 0 THEN 'rare' ELSE 'source-' || (sqrt(n % 100)::int) END,
       e.environment, ARRAY[e.environment],
       n % 4 = 0, CASE WHEN n % 4 = 0 THEN seen END, CASE WHEN n % 400 = 1 THEN seen END, 1 + n % 7,
       seen - interval '1 day' * (n % 30), seen, seen, seen
     FROM generate_series($2::int, least($1::int, $2::int + ${SLICE} - 1)) AS n,
       LATERAL (SELECT timestamptz '2026-11-23 12:00:00Z' - interval '90 days' * ((n::bigint * 7919 % $1)::float8 / $1) AS seen) s,
       LATERAL (SELECT CASE WHEN n % 2000 = 0 THEN 'canary' WHEN n % 5 = 0 THEN 'staging' ELSE 'production' END AS environment) e`,
    [count, first],
  );
}
