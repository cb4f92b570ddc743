import type { EntityManager } from 'typeorm';

/** An `Idempotency-Key` of one caller. */
export interface IncidentClaim {
  principalId: string;
  key: string;
}

const CLAIM = `
  INSERT INTO idempotency_keys (scope, key, resource_id, created_at) VALUES ($1, $2, $3, $4)
  ON CONFLICT DO NOTHING RETURNING key`;

/** The incident that an earlier request with the key made; one that is gone counts as never made. */
const EARLIER = `
  SELECT i.id FROM idempotency_keys k JOIN incidents i ON i.id = k.resource_id WHERE k.scope = $1 AND k.key = $2`;

/**
 * Claims a key for the incident that is being made in this transaction. Answers the id of the one that was made with it
 * before. A transaction elsewhere that holds the key is waited for.
 */
export async function claimIncident(
  manager: EntityManager,
  { principalId, key }: IncidentClaim,
  incidentId: string,
  now: Date,
): Promise<string | undefined> {
  const scope = `${principalId}:incidents`;
  const claimed = await manager.query<unknown[]>(CLAIM, [scope, key, incidentId, now]);
  if (claimed.length > 0) return undefined;
  const [earlier] = await manager.query<{ id: string }[]>(EARLIER, [scope, key]);
  if (earlier) return earlier.id;
  await manager.query('UPDATE idempotency_keys SET resource_id = $3 WHERE scope = $1 AND key = $2', [
    scope,
    key,
    incidentId,
  ]);
  return undefined;
}
