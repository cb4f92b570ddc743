const COLUMNS = `id, received_at, level, message, stack_trace, context, environment, user_agent, ip_address, url, release,
  event_id, occurred_at, tags, details`;

/**
 * A page of the occurrences of the errors `$1`: of each only so many are read as the page may need, by its index. The newest
 * of each error is kept in a table of its own when sampling leaves it out.
 */
export const PAGE_OF_OCCURRENCES = `
  SELECT newest.* FROM unnest($1::uuid[]) AS error (id), LATERAL (
    (SELECT ${COLUMNS} FROM error_occurrences WHERE error_id = error.id
     ORDER BY received_at DESC, id DESC LIMIT $2::int + $3::int)
    UNION ALL
    SELECT ${COLUMNS} FROM error_last_occurrences WHERE error_id = error.id
  ) AS newest
  ORDER BY newest.received_at DESC, newest.id DESC LIMIT $2 OFFSET $3`;

/** Exact up to `$2`. */
export const COUNT_OCCURRENCES = `
  SELECT count(*)::int AS count FROM (
    SELECT FROM error_last_occurrences WHERE error_id = ANY($1::uuid[])
    UNION ALL
    SELECT FROM error_occurrences WHERE error_id = ANY($1::uuid[])
    LIMIT $2) AS counted`;
