import type { EntityManager } from 'typeorm';
import type { RegionState } from './regions.js';

/** What one region knows of one endpoint. */
export interface RegionUpdate extends RegionState {
  endpoint_id: string;
}

/** What the regions know of endpoints. The caller holds the lock on the endpoints’ status rows, which covers these. */
export async function readRegions(
  manager: EntityManager,
  endpointIds: readonly string[],
): Promise<Map<string, Map<string, RegionState>>> {
  const known = new Map(endpointIds.map((id) => [id, new Map<string, RegionState>()]));
  if (endpointIds.length === 0) return known;
  const rows = await manager.query<RegionUpdate[]>(
    `SELECT endpoint_id, region, status, consecutive_failures, consecutive_successes, last_response_ms, last_error,
       (extract(epoch FROM status_since) * 1000)::float8 AS status_since,
       (extract(epoch FROM last_slot) * 1000)::float8 AS last_slot,
       (extract(epoch FROM last_checked_at) * 1000)::float8 AS last_checked_at
     FROM endpoint_region_status WHERE endpoint_id = ANY($1::uuid[])`,
    [endpointIds],
  );
  for (const { endpoint_id, ...state } of rows) known.get(endpoint_id)!.set(state.region, state);
  return known;
}

export async function writeRegions(manager: EntityManager, updates: readonly RegionUpdate[]): Promise<void> {
  if (updates.length === 0) return;
  await manager.query(
    `INSERT INTO endpoint_region_status AS s (endpoint_id, region, status, status_since, consecutive_failures,
       consecutive_successes, last_slot, last_checked_at, last_response_ms, last_error)
     SELECT endpoint_id, region, status, to_timestamp(status_since / 1000), failures, successes,
       to_timestamp(last_slot / 1000), to_timestamp(checked_at / 1000), response_ms, error
     FROM unnest($1::uuid[], $2::text[], $3::text[], $4::float8[], $5::int[], $6::int[], $7::float8[], $8::float8[],
       $9::real[], $10::text[])
       AS u(endpoint_id, region, status, status_since, failures, successes, last_slot, checked_at, response_ms, error)
     ON CONFLICT (endpoint_id, region) DO UPDATE SET
       (status, status_since, consecutive_failures, consecutive_successes, last_slot, last_checked_at,
         last_response_ms, last_error)
       = (excluded.status, excluded.status_since, excluded.consecutive_failures, excluded.consecutive_successes,
         excluded.last_slot, excluded.last_checked_at, excluded.last_response_ms, excluded.last_error)`,
    [
      updates.map((update) => update.endpoint_id),
      updates.map((update) => update.region),
      updates.map((update) => update.status),
      updates.map((update) => update.status_since),
      updates.map((update) => update.consecutive_failures),
      updates.map((update) => update.consecutive_successes),
      updates.map((update) => update.last_slot),
      updates.map((update) => update.last_checked_at),
      updates.map((update) => update.last_response_ms),
      updates.map((update) => update.last_error),
    ],
  );
}
