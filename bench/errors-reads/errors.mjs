/** Sources, and what tags say. Skewed: squares of random numbers make few of them frequent. */
const SOURCES = 50;
const skewed = (number, seed) => `floor(${number} * power(${random(seed)}, 2))::int`;
/** A number from 0 to 1 that depends on the row alone: the same on every run. */
const random = (seed) =>
  `(((hashint8extended(n, ${seed}) % 1000000) + 1000000) % 1000000 / 1000000.0::float8)`;

/** The id of group `number`: a valid UUID that begins with a number that grows, as those of the product do. */
const id = (number) =>
  `overlay(overlay((lpad(to_hex(${number}), 12, '0') || left(md5((${number})::text), 20)) placing '7' from 13) placing '8' from 17)::uuid`;

const WORDS = `ARRAY['connection','request','payment','upload','session','template','query','worker','token','index']`;
const VERBS = `ARRAY['failed','timed out','was refused','is undefined','overflowed','returned nothing']`;
const DAYS = 90;

const FILLED = [
  'errors',
  'error_figures',
  'error_facets',
  'error_hours',
  'error_counts',
  'error_tag_values',
  'error_occurrences',
];

const INDEXES = `
  SELECT indexdef AS make, format('DROP INDEX %I', indexname) AS remove FROM pg_indexes
  WHERE tablename = ANY($1) AND indexname LIKE 'idx_%' ORDER BY tablename <> 'errors', indexdef LIKE '%gin%' DESC, indexname`;
const DROP_KEY = 'ALTER TABLE error_occurrences DROP CONSTRAINT error_occurrences_pkey';
const ADD_KEY =
  'ALTER TABLE error_occurrences ADD CONSTRAINT error_occurrences_pkey PRIMARY KEY (error_id, received_at, id)';

/** What makes writing so much bearable. Nothing of it holds when questions are asked. */
const HURRY = {
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  autovacuum: 'off',
  max_wal_size: `'2GB'`,
  maintenance_work_mem: `'1GB'`,
  max_parallel_maintenance_workers: '0',
  session_replication_role: 'replica',
};

/**
 * Fills the tables as months of use would, set by set, on two connections: indexes afterwards, which takes a tenth of the
 * time.
 */
export async function writeErrors(database, other, groups, occurrences, progress) {
  const { rows: indexes } = await database.query(INDEXES, [FILLED]);
  for (const { remove } of [...indexes, { remove: DROP_KEY }]) await database.query(remove);
  await hurry([database, other], progress, async () => {
    const run = async (client, steps) => {
      for (const [what, statement] of steps) {
        const started = performance.now();
        await client.query(statement);
        progress(`  ${what}: ${Math.round((performance.now() - started) / 100) / 10} s`);
      }
    };
    const fill = statements(groups, occurrences);
    const steps = (...names) => names.map((name) => [name, fill[name]]);
    const errors = run(database, steps('errors'));
    await Promise.all([
      errors.then(() => run(database, steps('tags', 'completions'))),
      run(other, [...steps('occurrences'), ['occurrences: key', ADD_KEY]])
        .then(() => errors)
        .then(() => run(other, steps('figures', 'hours', 'statistics'))),
    ]);
    // The two share what is left: the slowest first.
    const left = indexes.map(({ make }) => [make.split(' ')[2], make]);
    const share = async (client) => {
      for (let next = left.shift(); next; next = left.shift()) await run(client, [next]);
    };
    await Promise.all([share(database), share(other)]);
    await run(
      database,
      FILLED.map((table) => [`vacuum ${table}`, `VACUUM (ANALYZE) ${table}`]),
    );
  });
}

async function hurry(clients, progress, work) {
  const [database] = clients;
  const all = async (statement) => {
    for (const client of clients) await client.query(statement);
  };
  const { session_replication_role, ...server } = HURRY;
  for (const [name, value] of Object.entries(server))
    await database.query(`ALTER SYSTEM SET ${name} = ${value}`);
  await all(`SET session_replication_role = ${session_replication_role}`);
  await database.query('SELECT pg_reload_conf()');
  await work();
  await all('RESET session_replication_role');
  for (const name of Object.keys(server)) await database.query(`ALTER SYSTEM RESET ${name}`);
  await database.query('SELECT pg_reload_conf()');
  progress('  checkpoint …');
  await database.query('CHECKPOINT');
}

const statements = (groups, occurrences) => ({
  errors: `
    INSERT INTO errors (id, fingerprint, grouping_version, grouping_text, level, message, stack_trace, source, environment,
      environments, resolved, resolved_at, regressed_at, muted, count, first_seen, last_seen, created_at, updated_at, culprit,
      platform, first_release, newest_release)
    SELECT ${id('n')}, md5(n::text), 2, 'generated',
      CASE WHEN l < 0.01 THEN 'debug' WHEN l < 0.1 THEN 'info' WHEN l < 0.35 THEN 'warning' ELSE 'error' END,
      initcap((${WORDS})[1 + ${skewed(10, 3)}]) || 'Error: ' || (${WORDS})[1 + ${skewed(10, 4)}] || ' '
        || left(md5(n::text), 8) || ' ' || (${VERBS})[1 + ${skewed(6, 5)}] || ' in ' || left(md5((n % 5000)::text), 6),
      E'Error: generated\\n    at handler (/srv/app/src/file.js:1:2)', 'source-' || ${skewed(SOURCES, 1)}, e.name, ARRAY[e.name],
      r < 0.3, CASE WHEN r < 0.3 THEN seen END, CASE WHEN r > 0.97 THEN seen END, r BETWEEN 0.9 AND 0.92,
      c, seen - age, seen, seen - age, seen, 'handler (src/file.js)', 'javascript', v, v
    FROM generate_series(1::bigint, ${groups}) AS n,
      LATERAL (SELECT ${random(6)} AS l, ${random(7)} AS r, now() - interval '${DAYS} days' * power(${random(8)}, 2) AS seen,
        interval '30 days' * ${random(9)} AS age, '1.' || ${skewed(40, 10)} || '.' || ${skewed(9, 11)} AS v,
        1 + floor(1 / (0.0001 + ${random(12)}))::bigint AS c) AS x,
      LATERAL (SELECT CASE WHEN ${random(13)} < 0.8 THEN 'production' WHEN ${random(13)} < 0.99 THEN 'staging' ELSE 'canary' END AS name) AS e`,
  figures: `
    INSERT INTO error_figures (error_id, source, count, users)
    SELECT id, source, count, (count * 0.7 * random())::int FROM errors`,
  tags: `
    INSERT INTO error_facets (error_id, tags, terms)
    SELECT id, jsonb_build_object('browser', pg_temp.one(browser, count), 'os', pg_temp.one(os, count), 'region', pg_temp.one(region, count),
        'customer', pg_temp.one(customer, count), 'level', pg_temp.one(level, count), 'environment', pg_temp.one(environment, count),
        'release', pg_temp.one(newest_release, count)),
      ARRAY['?browser', 'browser=' || browser, '?os', 'os=' || os, '?region', 'region=' || region, '?customer',
        'customer=' || customer, '?level', 'level=' || level, '?environment', 'environment=' || environment, '?release',
        'release=' || newest_release]
    FROM (SELECT *, 'Browser ' || h % 20 AS browser, (ARRAY['Linux', 'Windows', 'macOS', 'Android', 'iOS'])[1 + h % 5] AS os,
        'region-' || h % 8 AS region, 'customer-' || h % 20000 AS customer
      FROM (SELECT *, abs(uuid_hash(id)::bigint) AS h FROM errors) AS hashed) AS tagged`,
  hours: `
    INSERT INTO error_hours (error_id, hour, count)
    SELECT id, date_trunc('hour', last_seen) - h * interval '1 hour', 1 + count / 24
    FROM errors, LATERAL generate_series(0, least(count, 6) - 1) AS h`,
  statistics: `
    INSERT INTO error_counts (hour, source, environment, level, count)
    SELECT date_trunc('hour', now()) - h * interval '1 hour', 'source-' || s, e, l, 1 + (random() * 50)::int
    FROM generate_series(0, ${24 * DAYS} - 1) AS h, generate_series(0, ${SOURCES - 1}) AS s,
      unnest(ARRAY['production', 'staging']) AS e, unnest(ARRAY['error', 'warning']) AS l`,
  completions: `
    INSERT INTO error_tag_values (source, key, value, count, last_seen)
    SELECT source, split_part(term, '=', 1), split_part(term, '=', 2), count(*), max(last_seen)
    FROM errors JOIN error_facets ON error_id = id, unnest(terms) AS term
    WHERE term LIKE '%=%' AND term NOT LIKE 'customer=%' GROUP BY 1, 2, 3`,
  occurrences: `
    INSERT INTO error_occurrences (error_id, received_at, id, level, message, environment, release, tags)
    SELECT ${id('g')}, now() - interval '1 day' * ${random(21)}, md5(n::text)::uuid, 'error', 'Request failed', 'production',
      '1.2.3', '{"os": "Linux"}'
    FROM generate_series(1::bigint, ${occurrences}) AS n,
      LATERAL (SELECT 1 + floor(${groups} * power(${random(20)}, 3))::bigint AS g) AS x`,
});

export const HELPER = `
  CREATE FUNCTION pg_temp.one(value text, count bigint) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
    SELECT jsonb_build_object('n', count, 'v', jsonb_build_object(value, jsonb_build_array(count, 1764000000))) $$`;
