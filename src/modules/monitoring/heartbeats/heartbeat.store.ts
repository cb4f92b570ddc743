import type { EntityManager } from 'typeorm';
import type { HeartbeatKind } from '../../../database/entities/endpoint-heartbeat.entity.js';
import { type Heartbeat, NEVER_HEARD, rearm } from './heartbeat.js';
import type { HeartbeatSchedule } from './heartbeat-schedule.js';
import { pushOptions } from './push-options.js';

/** A push endpoint with its heartbeats. Times in milliseconds since the epoch. */
export interface PushEndpoint extends HeartbeatSchedule {
  id: string;
  enabled: boolean;
  degraded_threshold_ms: number | null;
  /** The newest result that has been applied. */
  last_slot: number | null;
  heartbeat: Heartbeat;
}

interface PushRow {
  id: string;
  enabled: boolean;
  interval_ms: number;
  degraded_threshold_ms: number | null;
  options: Record<string, unknown>;
  last_slot: number | null;
  last_ping_at: number | null;
  last_kind: HeartbeatKind | null;
  run_started_at: number | null;
  last_duration_ms: number | null;
  last_exit_code: number | null;
  last_message: string | null;
  expected_at: number | null;
  deadline: number | null;
}

const ms = (column: string): string => `(extract(epoch FROM ${column}) * 1000)::float8`;

const ENDPOINTS = `
  SELECT e.id, e.enabled, e.interval_ms, e.degraded_threshold_ms, e.options, h.last_kind, h.last_exit_code,
    h.last_message, h.last_duration_ms::float8, ${ms('h.last_ping_at')} AS last_ping_at,
    ${ms('h.run_started_at')} AS run_started_at, ${ms('h.expected_at')} AS expected_at,
    ${ms('s.last_slot')} AS last_slot, ${ms('s.next_check_at')} AS deadline
  FROM endpoints e
  JOIN endpoint_status s ON s.endpoint_id = e.id
  LEFT JOIN endpoint_heartbeats h ON h.endpoint_id = e.id`;

/** Begins with the table that only push endpoints are in: whatever else is due costs nothing. */
export const OVERDUE = `${ENDPOINTS.replace('LEFT JOIN', 'JOIN')}
  WHERE e.kind = 'push' AND e.enabled AND s.next_check_at <= $1
  ORDER BY s.next_check_at LIMIT $2`;

/** Push endpoints whose deadline has passed, the longest ago first. */
export async function overdueEndpoints(
  manager: Pick<EntityManager, 'query'>,
  now: Date,
  limit: number,
): Promise<PushEndpoint[]> {
  return (await manager.query<PushRow[]>(OVERDUE, [now, limit])).map(pushEndpoint);
}

/**
 * Reads a push endpoint and keeps its status row locked until the transaction ends. By two statements: the first still
 * sees what was before it waited for the lock.
 */
export async function lockPushEndpoint(
  manager: EntityManager,
  id: string,
): Promise<PushEndpoint | undefined> {
  await manager.query('SELECT FROM endpoint_status WHERE endpoint_id = $1 FOR UPDATE', [id]);
  const [row] = await manager.query<PushRow[]>(`${ENDPOINTS} WHERE e.id = $1 AND e.kind = 'push'`, [id]);
  return row && pushEndpoint(row);
}

/** Writes what was heard, and by when to hear again. Nothing is expected of an endpoint that is disabled. */
export async function writeHeartbeat(
  manager: Pick<EntityManager, 'query'>,
  { id, enabled }: Pick<PushEndpoint, 'id' | 'enabled'>,
  heartbeat: Heartbeat,
): Promise<void> {
  await manager.query(
    `WITH beat AS (
       INSERT INTO endpoint_heartbeats (endpoint_id, last_ping_at, last_kind, run_started_at, last_duration_ms,
         last_exit_code, last_message, expected_at)
       VALUES ($1, to_timestamp($2::float8 / 1000), $3, to_timestamp($4::float8 / 1000), $5, $6, $7,
         to_timestamp($8::float8 / 1000))
       ON CONFLICT (endpoint_id) DO UPDATE SET last_ping_at = excluded.last_ping_at, last_kind = excluded.last_kind,
         run_started_at = excluded.run_started_at, last_duration_ms = excluded.last_duration_ms,
         last_exit_code = excluded.last_exit_code, last_message = excluded.last_message,
         expected_at = excluded.expected_at
     )
     UPDATE endpoint_status SET next_check_at = to_timestamp($9::float8 / 1000) WHERE endpoint_id = $1`,
    [
      id,
      heartbeat.last_ping_at,
      heartbeat.last_kind,
      enabled ? heartbeat.run_started_at : null,
      heartbeat.last_duration_ms === null ? null : Math.round(heartbeat.last_duration_ms),
      heartbeat.last_exit_code,
      heartbeat.last_message,
      enabled ? heartbeat.expected_at : null,
      enabled ? heartbeat.deadline : null,
    ],
  );
}

/** Moves endpoints on after their deadlines, unless something has been heard of them meanwhile. */
export async function writeMisses(
  manager: Pick<EntityManager, 'query'>,
  misses: readonly { id: string; passed: number; heartbeat: Heartbeat }[],
): Promise<void> {
  await manager.query(
    `WITH given AS (
       SELECT * FROM unnest($1::uuid[], $2::float8[], $3::float8[], $4::float8[]) AS g(id, passed, expected, deadline)
     ),
     locked AS (
       SELECT s.endpoint_id, g.expected, g.deadline FROM endpoint_status s JOIN given g ON g.id = s.endpoint_id
       WHERE s.next_check_at = to_timestamp(g.passed / 1000)
       ORDER BY s.endpoint_id
       FOR UPDATE OF s
     ),
     moved AS (
       UPDATE endpoint_heartbeats h SET run_started_at = NULL, expected_at = to_timestamp(l.expected / 1000)
       FROM locked l WHERE l.endpoint_id = h.endpoint_id
     )
     UPDATE endpoint_status s SET next_check_at = to_timestamp(l.deadline / 1000)
     FROM locked l WHERE l.endpoint_id = s.endpoint_id`,
    [
      misses.map(({ id }) => id),
      misses.map(({ passed }) => passed),
      misses.map(({ heartbeat }) => heartbeat.expected_at),
      misses.map(({ heartbeat }) => heartbeat.deadline),
    ],
  );
}

/** Lets the schedules of push endpoints count from now on. The caller has changed them and holds the lock on their status rows. */
export async function rearmHeartbeats(
  manager: EntityManager,
  ids: readonly string[],
  now: Date,
): Promise<void> {
  const rows = await manager.query<PushRow[]>(
    `${ENDPOINTS} WHERE e.id = ANY($1::uuid[]) AND e.kind = 'push' AND h.expected_at IS NOT NULL`,
    [ids],
  );
  const rearmed = rows.map(pushEndpoint).map((endpoint) => ({
    id: endpoint.id,
    ...rearm(endpoint.heartbeat, endpoint, now.getTime()),
  }));
  await manager.query(
    `WITH given AS (
       SELECT * FROM unnest($1::uuid[], $2::float8[], $3::float8[]) AS g(id, expected, deadline)
     ),
     moved AS (
       UPDATE endpoint_heartbeats h SET expected_at = to_timestamp(g.expected / 1000)
       FROM given g WHERE g.id = h.endpoint_id
     )
     UPDATE endpoint_status s SET next_check_at = to_timestamp(g.deadline / 1000)
     FROM given g WHERE g.id = s.endpoint_id`,
    [
      rearmed.map(({ id }) => id),
      rearmed.map(({ expected_at }) => expected_at),
      rearmed.map(({ deadline }) => deadline),
    ],
  );
}

function pushEndpoint(row: PushRow): PushEndpoint {
  const { id, enabled, interval_ms, degraded_threshold_ms, options, last_slot, ...heard } = row;
  return {
    id,
    enabled,
    degraded_threshold_ms,
    last_slot,
    interval_ms,
    options: pushOptions.parse(options),
    heartbeat: { ...NEVER_HEARD, ...heard },
  };
}
