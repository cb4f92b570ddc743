import type { EntityManager } from 'typeorm';
import { booleans, milliseconds, numbers, plain, texts } from './array-literals.js';
import type { CheckResult } from './check-result.js';
import type { StatusUpdate } from './endpoint-status.store.js';

const COLUMNS = `region, endpoint_id, scheduled_at, checked_at, ok, status, status_code, error, response_time_ms, dns_ms,
  connect_ms, tls_ms, first_byte_ms, download_ms`;

const SELECTED = `$1, endpoint_id, to_timestamp(slot / 1000), to_timestamp(checked_at / 1000), ok, verdict, status_code,
  error, response_time_ms, dns_ms, connect_ms, tls_ms, first_byte_ms, download_ms`;

const GIVEN = `$2::uuid[], $3::float8[], $4::float8[], $5::boolean[], $6::text[], $7::smallint[], $8::text[],
  $9::real[], $10::real[], $11::real[], $12::real[], $13::real[], $14::real[]`;

const NAMES = `endpoint_id, slot, checked_at, ok, verdict, status_code, error, response_time_ms, dns_ms, connect_ms,
  tls_ms, first_byte_ms, download_ms`;

/**
 * Results, and in the same statement the counters of the endpoints where nothing else has changed. Named once more as an
 * array, the endpoints are looked up by index; joined alone, a batch would read the whole table.
 */
const STORE = `
  WITH results AS (
    SELECT * FROM unnest(${GIVEN}, $15::int[], $16::int[], $17::int[]) AS r(${NAMES}, failures, successes, outcomes)
  ),
  stored AS (
    INSERT INTO checks (${COLUMNS}) SELECT ${SELECTED} FROM results ON CONFLICT DO NOTHING
  )
  UPDATE endpoint_status s SET
    consecutive_failures = r.failures,
    consecutive_successes = r.successes,
    outcomes = r.outcomes,
    last_slot = to_timestamp(r.slot / 1000),
    last_checked_at = CASE WHEN r.ok IS NULL THEN s.last_checked_at ELSE to_timestamp(r.checked_at / 1000) END,
    last_response_ms = CASE WHEN r.ok IS NULL THEN s.last_response_ms ELSE r.response_time_ms END,
    last_error = r.error
  FROM results r
  WHERE s.endpoint_id = ANY($2::uuid[]) AND s.endpoint_id = r.endpoint_id AND r.outcomes IS NOT NULL`;

/** Stores new results of a region, and the counters of the `updates` that are steady. */
export async function storeChecks(
  manager: EntityManager,
  region: string,
  results: readonly CheckResult[],
  updates: readonly StatusUpdate[],
): Promise<void> {
  if (results.length === 0) return;
  const counters = new Map(
    updates.filter(({ steady }) => steady).map(({ result, status }) => [result, status]),
  );
  const statuses = results.map((result) => counters.get(result));
  await manager.query(STORE, [
    region,
    ...columns(results),
    numbers(statuses.map((status) => status?.consecutive_failures ?? null)),
    numbers(statuses.map((status) => status?.consecutive_successes ?? null)),
    numbers(statuses.map((status) => status?.outcomes ?? null)),
  ]);
}

const KEEP = `
  INSERT INTO checks (${COLUMNS}) SELECT ${SELECTED} FROM unnest(${GIVEN}) AS r(${NAMES})
  ON CONFLICT DO NOTHING
  RETURNING endpoint_id, (extract(epoch FROM scheduled_at) * 1000)::float8 AS slot`;

/** Stores results that have no effect, each slot once, and answers those that were not there yet. */
export async function keepChecks(
  manager: EntityManager,
  region: string,
  results: readonly CheckResult[],
): Promise<CheckResult[]> {
  if (results.length === 0) return [];
  const rows = await manager.query<{ endpoint_id: string; slot: number }[]>(KEEP, [
    region,
    ...columns(results),
  ]);
  const fresh = new Set(rows.map((row) => slotKey(row)));
  return results.filter((result) => fresh.delete(slotKey(result)));
}

function columns(results: readonly CheckResult[]): string[] {
  const measured = results.map((result) => result.measurement);
  return [
    plain(results.map((result) => result.endpoint_id)),
    numbers(results.map((result) => result.slot)),
    numbers(results.map((result) => result.checked_at)),
    booleans(measured.map((each) => each.ok)),
    plain(results.map((result) => result.verdict)),
    numbers(measured.map((each) => each.status_code)),
    texts(measured.map((each) => each.error)),
    milliseconds(measured.map((each) => each.response_time_ms)),
    milliseconds(measured.map((each) => each.phases.dns)),
    milliseconds(measured.map((each) => each.phases.connect)),
    milliseconds(measured.map((each) => each.phases.tls)),
    milliseconds(measured.map((each) => each.phases.first_byte)),
    milliseconds(measured.map((each) => each.phases.download)),
  ];
}

function slotKey({ endpoint_id, slot }: { endpoint_id: string; slot: number }): string {
  return `${endpoint_id} ${slot}`;
}
