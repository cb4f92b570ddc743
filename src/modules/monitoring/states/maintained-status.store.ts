import type { EntityManager } from 'typeorm';
import type { KnownEndpoint } from './known-endpoint.js';

/**
 * Which of these endpoints have gone unchecked since when: those whose check has been due for longer than an interval
 * by `overdueAt`. It is the rule by which the dispatcher tells missed slots from late ones. The caller holds the locks.
 */
export async function unmeasuredSince(
  manager: EntityManager,
  endpointIds: readonly string[],
  overdueAt: number,
): Promise<Map<string, number>> {
  const rows = await manager.query<{ endpoint_id: string; since: number }[]>(
    `SELECT s.endpoint_id, (extract(epoch FROM s.next_check_at) * 1000)::float8 AS since
     FROM endpoint_status s JOIN endpoints e ON e.id = s.endpoint_id
     WHERE s.endpoint_id = ANY($1::uuid[])
       AND s.next_check_at + e.interval_ms * interval '1 millisecond' < to_timestamp($2::float8 / 1000)`,
    [endpointIds, overdueAt],
  );
  return new Map(rows.map(({ endpoint_id, since }) => [endpoint_id, since]));
}

/** Writes back what maintenance has changed. The caller holds the locks. */
export async function writeMaintained(
  manager: EntityManager,
  updates: readonly { endpoint_id: string; state: KnownEndpoint }[],
): Promise<void> {
  await manager.query(
    `UPDATE endpoint_status s SET
       status = u.status,
       status_since = to_timestamp(u.status_since / 1000),
       measured_status = u.measured_status,
       maintenance = u.maintenance,
       held = u.held,
       consecutive_failures = u.failures,
       consecutive_successes = u.successes
     FROM unnest($1::uuid[], $2::text[], $3::float8[], $4::text[], $5::boolean[], $6::boolean[], $7::int[], $8::int[])
       AS u(endpoint_id, status, status_since, measured_status, maintenance, held, failures, successes)
     WHERE s.endpoint_id = u.endpoint_id`,
    [
      updates.map(({ endpoint_id }) => endpoint_id),
      updates.map(({ state }) => state.status),
      updates.map(({ state }) => state.status_since),
      updates.map(({ state }) => state.measured_status),
      updates.map(({ state }) => state.maintenance),
      updates.map(({ state }) => state.held),
      updates.map(({ state }) => state.consecutive_failures),
      updates.map(({ state }) => state.consecutive_successes),
    ],
  );
}
