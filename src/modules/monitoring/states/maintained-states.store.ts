import type { EntityManager } from 'typeorm';
import type { MaintainedState } from './maintenance-state.js';

/** What is known of an endpoint, read under lock. */
export interface LockedMaintained extends MaintainedState {
  endpoint_id: string;
  name: string;
}

/**
 * Locks the status rows of endpoints, in order of id like everybody else. Those that should have been checked by
 * `overdue_at` minus their interval count as unmeasured since; it is the dispatcher’s rule for missed slots.
 */
export function lockMaintained(
  manager: EntityManager,
  endpointIds: readonly string[],
  overdueAt: number,
): Promise<LockedMaintained[]> {
  return manager.query<LockedMaintained[]>(
    `WITH locked AS (
       SELECT endpoint_id, status, status_since, measured_status, maintenance, next_check_at
       FROM endpoint_status WHERE endpoint_id = ANY($1::uuid[])
       ORDER BY endpoint_id
       FOR UPDATE
     )
     SELECT l.endpoint_id, e.name, l.status, l.measured_status, l.maintenance,
       (extract(epoch FROM l.status_since) * 1000)::float8 AS status_since,
       CASE WHEN l.next_check_at + e.interval_ms * interval '1 millisecond' < to_timestamp($2::float8 / 1000)
         THEN (extract(epoch FROM l.next_check_at) * 1000)::float8 END AS unmeasured_since
     FROM locked l JOIN endpoints e ON e.id = l.endpoint_id
     ORDER BY l.endpoint_id`,
    [endpointIds, overdueAt],
  );
}

/** A measured state changes here only because nothing was measured, which is neither a failure nor a success. */
export async function writeMaintained(
  manager: EntityManager,
  updates: readonly { endpoint_id: string; state: MaintainedState }[],
): Promise<void> {
  await manager.query(
    `UPDATE endpoint_status s SET
       status = u.status,
       status_since = to_timestamp(u.status_since / 1000),
       measured_status = u.measured_status,
       maintenance = u.maintenance,
       consecutive_failures = CASE WHEN u.measured_status <> s.measured_status THEN 0 ELSE s.consecutive_failures END,
       consecutive_successes = CASE WHEN u.measured_status <> s.measured_status THEN 0 ELSE s.consecutive_successes END
     FROM unnest($1::uuid[], $2::text[], $3::float8[], $4::text[], $5::boolean[])
       AS u(endpoint_id, status, status_since, measured_status, maintenance)
     WHERE s.endpoint_id = u.endpoint_id`,
    [
      updates.map(({ endpoint_id }) => endpoint_id),
      updates.map(({ state }) => state.status),
      updates.map(({ state }) => state.status_since),
      updates.map(({ state }) => state.measured_status),
      updates.map(({ state }) => state.maintenance),
    ],
  );
}
