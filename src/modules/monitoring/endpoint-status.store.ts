import type { EntityManager } from 'typeorm';
import type { EndpointState } from '../../database/entities/endpoint-status.entity.js';
import type { CheckResult } from './check-result.js';
import type { KnownState, StateRules } from './endpoint-state.js';

/** What is known of an endpoint, read under lock. Times in milliseconds since the epoch. */
export interface LockedStatus extends KnownState {
  endpoint_id: string;
  name: string;
  enabled: boolean;
  last_slot: number | null;
  rules: StateRules;
}

export interface StatusUpdate {
  status: LockedStatus;
  /** The newest result. */
  result: CheckResult;
  /** When to look again before the next slot, while a failure is pending. */
  retry_at: number | null;
}

type StatusRow = Omit<LockedStatus, 'rules'> & StateRules & { status: EndpointState };

/** Locks the status rows of the endpoints that exist, always in order of id, until the transaction ends. */
export async function lockStatuses(
  manager: EntityManager,
  endpointIds: readonly string[],
): Promise<Map<string, LockedStatus>> {
  const rows = await manager.query<StatusRow[]>(
    `SELECT s.endpoint_id, e.name, e.enabled, s.status, s.consecutive_failures, s.consecutive_successes,
       (extract(epoch FROM s.status_since) * 1000)::float8 AS status_since,
       (extract(epoch FROM s.last_slot) * 1000)::float8 AS last_slot,
       e.interval_ms, e.retries, e.retry_interval_ms, e.failure_threshold, e.recovery_threshold
     FROM endpoint_status s JOIN endpoints e ON e.id = s.endpoint_id
     WHERE s.endpoint_id = ANY($1::uuid[])
     ORDER BY s.endpoint_id
     FOR UPDATE OF s`,
    [endpointIds],
  );
  return new Map(rows.map((row) => [row.endpoint_id, toLocked(row)]));
}

function toLocked(row: StatusRow): LockedStatus {
  const { interval_ms, retries, retry_interval_ms, failure_threshold, recovery_threshold, ...status } = row;
  return {
    ...status,
    rules: { interval_ms, retries, retry_interval_ms, failure_threshold, recovery_threshold },
  };
}

/** Writes back what results have changed. An unmeasured slot leaves the time and figures of the last real check. */
export async function writeStatuses(manager: EntityManager, updates: readonly StatusUpdate[]): Promise<void> {
  if (updates.length === 0) return;
  await manager.query(
    `UPDATE endpoint_status s SET
       status = u.status,
       status_since = to_timestamp(u.status_since / 1000),
       consecutive_failures = u.failures,
       consecutive_successes = u.successes,
       last_slot = to_timestamp(u.last_slot / 1000),
       last_checked_at = coalesce(to_timestamp(u.checked_at / 1000), s.last_checked_at),
       last_response_ms = u.response_ms,
       last_error = u.error,
       next_check_at = CASE WHEN to_timestamp(u.retry_at / 1000) < s.next_check_at
         THEN to_timestamp(u.retry_at / 1000) ELSE s.next_check_at END
     FROM unnest($1::uuid[], $2::text[], $3::float8[], $4::int[], $5::int[], $6::float8[], $7::float8[], $8::real[],
       $9::text[], $10::float8[])
       AS u(endpoint_id, status, status_since, failures, successes, last_slot, checked_at, response_ms, error, retry_at)
     WHERE s.endpoint_id = u.endpoint_id`,
    [
      updates.map(({ status }) => status.endpoint_id),
      updates.map(({ status }) => status.status),
      updates.map(({ status }) => status.status_since),
      updates.map(({ status }) => status.consecutive_failures),
      updates.map(({ status }) => status.consecutive_successes),
      updates.map(({ status }) => status.last_slot),
      updates.map(({ result }) => (result.measurement.ok === null ? null : result.checked_at)),
      updates.map(({ result }) => result.measurement.response_time_ms),
      updates.map(({ result }) => result.measurement.error),
      updates.map(({ retry_at }) => retry_at),
    ],
  );
}
