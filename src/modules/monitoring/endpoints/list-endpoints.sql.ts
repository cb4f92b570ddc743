import { intervalsSince, uptimeSums } from '../statistics/uptime.js';
import type { EndpointSort, EndpointsQuery } from './dto/endpoints-query.dto.js';
import { conditionOf } from './endpoint-filter.js';

const FROM = '$2::timestamptz';
const { up, known } = uptimeSums(FROM, '$1::timestamptz');

/** Most groups and tags that a summary names. */
const MAX_NAMES = 1_000;

/** The worst first. */
const SEVERITY = `array_position(ARRAY['major_outage', 'partial_outage', 'degraded', 'unknown', 'maintenance', 'operational'], status)`;

const SORTS: Record<string, string> = {
  name: 'name',
  status: SEVERITY,
  response_time: 'last_response_ms',
  uptime: 'uptime',
  last_checked: 'last_checked_at',
  created_at: 'created_at',
  group: 'group_name',
};

function orderBy(sort: EndpointSort): string {
  const isReversed = sort.startsWith('-');
  const column = SORTS[isReversed ? sort.slice(1) : sort]!;
  return `${column} ${isReversed ? 'DESC' : 'ASC'} NULLS LAST, name, id`;
}

/**
 * What is shown of the endpoints on a page `p (id, place)`. Uptime: for each, an index scan over the intervals that
 * began in the window, and the one before; what is older costs nothing.
 */
const SHOWN = `
  e.*, s.status, s.status_since, s.flapping, s.held, s.maintenance, s.last_checked_at, s.last_response_ms, s.last_error,
  s.next_check_at, u.up_ms, u.known_ms,
  CASE WHEN c.endpoint_id IS NOT NULL THEN to_jsonb(c) END AS certificate,
  CASE WHEN h.endpoint_id IS NOT NULL THEN to_jsonb(h) END AS heartbeat,
  CASE WHEN e.regions <> '{}' THEN (
    SELECT jsonb_agg(to_jsonb(r)) FROM endpoint_region_status r WHERE r.endpoint_id = e.id
  ) END AS region_states`;

const DETAILS = `
  LEFT JOIN endpoints e ON e.id = p.id
  LEFT JOIN endpoint_status s ON s.endpoint_id = e.id
  LEFT JOIN endpoint_certificates c ON c.endpoint_id = e.id
  LEFT JOIN endpoint_heartbeats h ON h.endpoint_id = e.id
  LEFT JOIN LATERAL (
    SELECT ${up} AS up_ms, ${known} AS known_ms
    FROM endpoint_state_intervals i
    WHERE i.endpoint_id = e.id AND i.started_at >= coalesce((
      SELECT max(started_at) FROM endpoint_state_intervals WHERE endpoint_id = e.id AND started_at <= ${FROM}
    ), '-infinity')
  ) u ON true`;

/** One endpoint, $3, with its uptime from $2 to $1. */
export const ONE_ENDPOINT = `
  SELECT ${SHOWN} FROM (SELECT id FROM endpoints WHERE id = $3) p ${DETAILS}`;

/** Only for an order by uptime: that of every endpoint, from two index scans over the intervals of the window. */
const UPTIME_OF_ALL = `
  LEFT JOIN (
    SELECT endpoint_id, ${up} / nullif(${known}, 0) AS uptime FROM ${intervalsSince(FROM)} i GROUP BY endpoint_id
  ) w ON w.endpoint_id = e.id`;

/** The most frequent names of a column of \`chosen\`, in order. */
const counted = (names: string): string => `(
  SELECT coalesce(jsonb_agg(jsonb_build_object('name', name, 'count', n) ORDER BY name), '[]') FROM (
    SELECT name, count(*) AS n FROM (${names}) each WHERE name IS NOT NULL GROUP BY name ORDER BY n DESC, name LIMIT ${MAX_NAMES}
  ) most)`;

/**
 * A page of endpoints with uptime from $2 to $1, $3 rows from $4 on, and in its first row what all that were chosen have
 * in common. Without a page there is a row with that alone.
 */
export function listEndpoints(query: Pick<EndpointsQuery, 'sort'> & Partial<EndpointsQuery>): {
  sql: string;
  values: unknown[];
} {
  const condition = conditionOf(query, 5);
  const byUptime = query.sort.endsWith('uptime');
  const isFirst = 'p.place IS NULL OR p.place = $4::int + 1';
  const sql = `
    WITH chosen AS MATERIALIZED (
      SELECT e.id, e.name, e.group_name, e.tags, e.created_at, s.status, s.last_response_ms, s.last_checked_at
        ${byUptime ? ', w.uptime' : ''}
      FROM endpoints e JOIN endpoint_status s ON s.endpoint_id = e.id ${byUptime ? UPTIME_OF_ALL : ''}
      WHERE ${condition.sql}
    ),
    page AS (
      SELECT id, row_number() OVER (ORDER BY ${orderBy(query.sort)}) AS place
      FROM chosen ORDER BY place LIMIT $3 OFFSET $4
    ),
    summary AS (
      SELECT (SELECT count(*)::int FROM chosen) AS total,
        (SELECT coalesce(jsonb_object_agg(status, n), '{}') FROM (
          SELECT status, count(*) AS n FROM chosen GROUP BY status
        ) each) AS states,
        ${counted('SELECT group_name AS name FROM chosen')} AS groups,
        ${counted('SELECT unnest(tags) AS name FROM chosen')} AS tags_used
    )
    SELECT CASE WHEN ${isFirst} THEN to_jsonb(summary) END AS summary, ${SHOWN}
    FROM summary LEFT JOIN page p ON true ${DETAILS}
    ORDER BY p.place`;
  return { sql, values: condition.values };
}

export const LIST_ENDPOINTS = listEndpoints({ sort: 'name' }).sql;
