import type { EntityManager } from 'typeorm';
import type { Quorum } from '../../../database/entities/endpoint.entity.js';
import { booleans, milliseconds, numbers, plain, texts } from './array-literals.js';
import type { CheckResult } from './check-result.js';
import type { StateRules } from './endpoint-state.js';
import type { KnownEndpoint } from './known-endpoint.js';

/** What is known of an endpoint, read under lock. Times in milliseconds since the epoch. */
export interface LockedStatus extends KnownEndpoint {
  endpoint_id: string;
  name: string;
  enabled: boolean;
  last_slot: number | null;
  /** Whether it has shown a certificate. */
  has_certificate: boolean;
  rules: StateRules;
  /** Regions that it is checked from; empty: wherever a worker is free. */
  regions: readonly string[];
  quorum: Quorum;
}

export interface StatusUpdate {
  status: LockedStatus;
  /** The newest result. */
  result: CheckResult;
  /** Whether only counters and figures have moved, as nearly always. */
  steady: boolean;
  /** Why it is not operational. */
  last_error: string | null;
  /** When to look again before the next slot, while a failure is pending. */
  retry_at: number | null;
}

type StatusRow = KnownEndpoint & Pick<LockedStatus, 'endpoint_id' | 'last_slot' | 'has_certificate'>;
type EndpointRow = Pick<LockedStatus, 'name' | 'enabled' | 'regions' | 'quorum'> &
  StateRules & { id: string };

/**
 * Locks the status rows of the endpoints that exist, always in order of id, until the transaction ends. Settings are
 * read by a second statement: the first still sees those from before it waited for whoever was changing them.
 */
export async function lockStatuses(
  manager: EntityManager,
  endpointIds: readonly string[],
): Promise<Map<string, LockedStatus>> {
  const statuses = await manager.query<StatusRow[]>(
    `SELECT endpoint_id, status, measured_status, maintenance, held, flapping, outcomes, consecutive_failures,
       consecutive_successes, certificate_expires_at IS NOT NULL AS has_certificate,
       (extract(epoch FROM status_since) * 1000)::float8 AS status_since,
       (extract(epoch FROM last_slot) * 1000)::float8 AS last_slot
     FROM endpoint_status
     WHERE endpoint_id = ANY($1::uuid[])
     ORDER BY endpoint_id
     FOR UPDATE`,
    [endpointIds],
  );
  const endpoints = await manager.query<EndpointRow[]>(
    `SELECT id, name, enabled, regions, quorum, interval_ms, retries, retry_interval_ms, failure_threshold,
       recovery_threshold
     FROM endpoints WHERE id = ANY($1::uuid[])`,
    [statuses.map((status) => status.endpoint_id)],
  );
  const settings = new Map(
    endpoints.map(({ id, name, enabled, regions, quorum, ...rules }) => [
      id,
      { name, enabled, regions, quorum, rules },
    ]),
  );
  return new Map(
    statuses.map((status) => [status.endpoint_id, { ...status, ...settings.get(status.endpoint_id)! }]),
  );
}

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

/**
 * Writes back what results have changed, where that is more than {@link storeChecks} writes. An unmeasured slot leaves
 * the time and figures of the last real check.
 */
export async function writeStatuses(manager: EntityManager, updates: readonly StatusUpdate[]): Promise<void> {
  if (updates.length === 0) return;
  await manager.query(
    `UPDATE endpoint_status s SET
       status = u.status,
       measured_status = u.measured_status,
       held = u.held,
       flapping = u.flapping,
       outcomes = u.outcomes,
       status_since = to_timestamp(u.status_since / 1000),
       consecutive_failures = u.failures,
       consecutive_successes = u.successes,
       last_slot = to_timestamp(u.last_slot / 1000),
       last_checked_at = coalesce(to_timestamp(u.checked_at / 1000), s.last_checked_at),
       last_response_ms = CASE WHEN u.checked_at IS NULL THEN s.last_response_ms ELSE u.response_ms END,
       last_error = u.error,
       next_check_at = CASE WHEN to_timestamp(u.retry_at / 1000) < s.next_check_at
         THEN to_timestamp(u.retry_at / 1000) ELSE s.next_check_at END
     FROM unnest($1::uuid[], $2::text[], $3::text[], $4::boolean[], $5::boolean[], $6::int[], $7::float8[], $8::int[],
       $9::int[], $10::float8[], $11::float8[], $12::real[], $13::text[], $14::float8[])
       AS u(endpoint_id, status, measured_status, held, flapping, outcomes, status_since, failures, successes,
         last_slot, checked_at, response_ms, error, retry_at)
     WHERE s.endpoint_id = ANY($1::uuid[]) AND s.endpoint_id = u.endpoint_id`,
    [
      plain(updates.map(({ status }) => status.endpoint_id)),
      plain(updates.map(({ status }) => status.status)),
      plain(updates.map(({ status }) => status.measured_status)),
      booleans(updates.map(({ status }) => status.held)),
      booleans(updates.map(({ status }) => status.flapping)),
      numbers(updates.map(({ status }) => status.outcomes)),
      numbers(updates.map(({ status }) => status.status_since)),
      numbers(updates.map(({ status }) => status.consecutive_failures)),
      numbers(updates.map(({ status }) => status.consecutive_successes)),
      numbers(updates.map(({ status }) => status.last_slot)),
      numbers(updates.map(({ result }) => (result.measurement.ok === null ? null : result.checked_at))),
      milliseconds(updates.map(({ result }) => result.measurement.response_time_ms)),
      texts(updates.map(({ last_error }) => last_error)),
      numbers(updates.map(({ retry_at }) => retry_at)),
    ],
  );
}

/** Writes states that something else than results has changed. The caller holds the locks. */
export async function writeStates(
  manager: EntityManager,
  states: readonly (KnownEndpoint & { endpoint_id: string })[],
): Promise<void> {
  await manager.query(
    `UPDATE endpoint_status s SET
       status = u.status,
       measured_status = u.measured_status,
       maintenance = u.maintenance,
       held = u.held,
       flapping = u.flapping,
       outcomes = u.outcomes,
       status_since = to_timestamp(u.status_since / 1000),
       consecutive_failures = u.failures,
       consecutive_successes = u.successes
     FROM unnest($1::uuid[], $2::text[], $3::text[], $4::boolean[], $5::boolean[], $6::boolean[], $7::int[],
       $8::float8[], $9::int[], $10::int[])
       AS u(endpoint_id, status, measured_status, maintenance, held, flapping, outcomes, status_since, failures, successes)
     WHERE s.endpoint_id = u.endpoint_id`,
    [
      plain(states.map((state) => state.endpoint_id)),
      plain(states.map((state) => state.status)),
      plain(states.map((state) => state.measured_status)),
      booleans(states.map((state) => state.maintenance)),
      booleans(states.map((state) => state.held)),
      booleans(states.map((state) => state.flapping)),
      numbers(states.map((state) => state.outcomes)),
      numbers(states.map((state) => state.status_since)),
      numbers(states.map((state) => state.consecutive_failures)),
      numbers(states.map((state) => state.consecutive_successes)),
    ],
  );
}
