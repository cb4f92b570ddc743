import type { EntityManager } from 'typeorm';

/** What a report must not be counted twice under: an `Idempotency-Key` of one caller, or an event id of one source. */
export interface OnceKey {
  /** `<principal id>:errors` or `event:<source>`. */
  scope: string;
  key: string;
}

/** One text for scope and key. */
export function onceId({ scope, key }: OnceKey): string {
  return `${key} ${scope}`;
}

/**
 * The ids of the errors that earlier reports with some of these keys were counted under. A key whose error has been deleted
 * is forgotten: it counts as new.
 */
export async function earlierReports(
  manager: EntityManager,
  keys: readonly OnceKey[],
): Promise<Map<string, string>> {
  const columns = [keys.map(({ scope }) => scope), keys.map(({ key }) => key)];
  const found = await manager.query<(OnceKey & { error_id: string | null })[]>(
    `SELECT k.scope, k.key, e.id AS error_id
     FROM unnest($1::text[], $2::text[]) AS c (scope, key)
     JOIN idempotency_keys k USING (scope, key)
     LEFT JOIN errors e ON e.id = k.resource_id`,
    columns,
  );
  const orphans = found.filter(({ error_id }) => error_id === null);
  if (orphans.length > 0) {
    await manager.query(
      `DELETE FROM idempotency_keys k USING unnest($1::text[], $2::text[]) AS o (scope, key)
       WHERE k.scope = o.scope AND k.key = o.key AND NOT EXISTS (SELECT FROM errors e WHERE e.id = k.resource_id)`,
      [orphans.map(({ scope }) => scope), orphans.map(({ key }) => key)],
    );
  }
  return new Map(found.flatMap((row) => (row.error_id === null ? [] : [[onceId(row), row.error_id]])));
}
