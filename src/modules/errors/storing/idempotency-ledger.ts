import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';

/** An `Idempotency-Key` of one caller. */
export interface IdempotencyClaim {
  /** Who sent it and for what: `<principal id>:errors`. */
  scope: string;
  key: string;
}

/** Stands in the ledger between the claim of a key and the end of the transaction; nobody else ever sees it. */
const UNDECIDED = '00000000-0000-0000-0000-000000000000';

/** Remembers which error each `Idempotency-Key` was counted under. Works inside the transaction that counts. */
@Injectable()
export class IdempotencyLedger {
  /**
   * Claims keys, and answers the ids of the errors that earlier requests with some of them were counted under.
   * A transaction elsewhere that holds one of the keys is waited for. A key whose error has been deleted counts as new.
   */
  async claim(
    manager: EntityManager,
    claims: readonly IdempotencyClaim[],
    now: Date,
  ): Promise<Map<string, string>> {
    const columns = [claims.map(({ scope }) => scope), claims.map(({ key }) => key)];
    const claimed = await manager.query<IdempotencyClaim[]>(
      `INSERT INTO idempotency_keys (scope, key, resource_id, created_at)
       SELECT DISTINCT scope, key, $3::uuid, $4::timestamptz FROM unnest($1::text[], $2::text[]) AS c (scope, key)
       ORDER BY scope, key
       ON CONFLICT DO NOTHING RETURNING scope, key`,
      [...columns, UNDECIDED, now],
    );
    const distinct = new Set(claims.map(claimId));
    if (claimed.length === distinct.size) return new Map();
    const earlier = await manager.query<(IdempotencyClaim & { error_id: string })[]>(
      `SELECT k.scope, k.key, e.id AS error_id
       FROM unnest($1::text[], $2::text[]) AS c (scope, key)
       JOIN idempotency_keys k USING (scope, key)
       JOIN errors e ON e.id = k.resource_id`,
      columns,
    );
    return new Map(earlier.map((row) => [claimId(row), row.error_id]));
  }

  /** Writes down what the claimed keys were counted under. */
  async record(
    manager: EntityManager,
    entries: readonly { claim: IdempotencyClaim; errorId: string }[],
  ): Promise<void> {
    await manager.query(
      `UPDATE idempotency_keys k SET resource_id = v.error_id
       FROM unnest($1::text[], $2::text[], $3::uuid[]) AS v (scope, key, error_id)
       WHERE k.scope = v.scope AND k.key = v.key`,
      [
        entries.map(({ claim }) => claim.scope),
        entries.map(({ claim }) => claim.key),
        entries.map(({ errorId }) => errorId),
      ],
    );
  }
}

/** One text for scope and key, unambiguous because a scope holds no space. */
export function claimId({ scope, key }: IdempotencyClaim): string {
  return `${scope} ${key}`;
}
