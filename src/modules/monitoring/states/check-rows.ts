import type { EntityManager } from 'typeorm';
import type { CheckResult } from './check-result.js';

const INSERT = `
  INSERT INTO checks (region, endpoint_id, scheduled_at, checked_at, ok, status, status_code, error,
    response_time_ms, dns_ms, connect_ms, tls_ms, first_byte_ms, download_ms)
  SELECT $1, endpoint_id, to_timestamp(slot / 1000), to_timestamp(checked_at / 1000), ok, status, status_code, error,
    response_time_ms, dns_ms, connect_ms, tls_ms, first_byte_ms, download_ms
  FROM unnest($2::uuid[], $3::float8[], $4::float8[], $5::boolean[], $6::text[], $7::smallint[], $8::text[],
    $9::real[], $10::real[], $11::real[], $12::real[], $13::real[], $14::real[])
    AS r(endpoint_id, slot, checked_at, ok, status, status_code, error,
      response_time_ms, dns_ms, connect_ms, tls_ms, first_byte_ms, download_ms)
  ON CONFLICT DO NOTHING
  RETURNING endpoint_id, (extract(epoch FROM scheduled_at) * 1000)::float8 AS slot`;

/** Stores the results of a region, each slot once, and answers those that were really new. */
export async function insertChecks(
  manager: EntityManager,
  region: string,
  results: CheckResult[],
): Promise<CheckResult[]> {
  if (results.length === 0) return [];
  const rows = await manager.query<{ endpoint_id: string; slot: number }[]>(INSERT, [
    region,
    ...columns(results),
  ]);
  const fresh = new Set(rows.map((row) => slotKey(row)));
  return results.filter((result) => fresh.delete(slotKey(result)));
}

function columns(results: readonly CheckResult[]): unknown[][] {
  const measured = results.map((result) => result.measurement);
  return [
    results.map((result) => result.endpoint_id),
    results.map((result) => result.slot),
    results.map((result) => result.checked_at),
    measured.map((each) => each.ok),
    results.map((result) => result.verdict),
    measured.map((each) => each.status_code),
    measured.map((each) => each.error),
    measured.map((each) => each.response_time_ms),
    measured.map((each) => each.phases.dns),
    measured.map((each) => each.phases.connect),
    measured.map((each) => each.phases.tls),
    measured.map((each) => each.phases.first_byte),
    measured.map((each) => each.phases.download),
  ];
}

function slotKey({ endpoint_id, slot }: { endpoint_id: string; slot: number }): string {
  return `${endpoint_id} ${slot}`;
}
