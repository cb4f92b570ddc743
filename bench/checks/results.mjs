/** What the slots of a window (milliseconds since the epoch, the first excluded) have become. */
export async function readWindow(database, from, to) {
  const { rows } = await database.query(
    `WITH slots AS (
       SELECT status, extract(epoch FROM checked_at - scheduled_at)::float8 AS lateness
       FROM checks
       WHERE scheduled_at > to_timestamp($1 / 1000.0) AND scheduled_at <= to_timestamp($2 / 1000.0)
     )
     SELECT count(*)::float8 AS recorded,
       count(*) FILTER (WHERE status = 'unknown')::float8 AS unknown,
       count(*) FILTER (WHERE status NOT IN ('operational', 'unknown'))::float8 AS failed,
       percentile_cont(ARRAY[0.5, 0.95, 0.99, 1]) WITHIN GROUP (ORDER BY lateness) AS lateness
     FROM slots`,
    [from, to],
  );
  return rows[0];
}

/** Checks made in a window, whenever they were due. */
export async function countMade(database, from, to) {
  const { rows } = await database.query(
    `SELECT count(*)::float8 AS made FROM checks
     WHERE checked_at > to_timestamp($1 / 1000.0) AND checked_at <= to_timestamp($2 / 1000.0) AND status <> 'unknown'`,
    [from, to],
  );
  return rows[0].made;
}

/** Endpoints that have been checked since then. */
export async function countCheckedSince(database, since) {
  const { rows } = await database.query(
    'SELECT count(*)::float8 AS count FROM endpoint_status WHERE last_checked_at > to_timestamp($1 / 1000.0)',
    [since],
  );
  return rows[0].count;
}

/** Measured results, by the path of their endpoint’s address. */
export async function resultsByPath(database) {
  const { rows } = await database.query(
    `SELECT substring(e.url FROM '/[^/]*$') AS path, count(*)::float8 AS results
     FROM checks c JOIN endpoints e ON e.id = c.endpoint_id WHERE c.status <> 'unknown' GROUP BY 1`,
  );
  return Object.fromEntries(rows.map((row) => [row.path, row.results]));
}

/** Bytes of the results with their indexes, and of the whole database. */
export async function readSize(database) {
  const { rows } = await database.query(
    `SELECT pg_database_size(current_database())::float8 AS database,
       (SELECT sum(pg_total_relation_size(inhrelid))::float8 FROM pg_inherits
        WHERE inhparent = 'checks'::regclass) AS checks`,
  );
  return rows[0];
}
