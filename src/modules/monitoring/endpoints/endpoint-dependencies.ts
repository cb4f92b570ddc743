import type { EntityManager } from 'typeorm';
import { invalidField } from '../../../common/coded-exception.js';

/** Any constant that no other advisory lock of ours uses. */
const DEPENDENCIES_LOCK = 7_230_011;

/**
 * Keeps everybody else from changing what depends on what until the transaction ends: two changes side by side could
 * each be right and close a circle together. Taken before any row is locked.
 */
export async function lockDependencies(manager: EntityManager): Promise<void> {
  await manager.query('SELECT pg_advisory_xact_lock($1)', [DEPENDENCIES_LOCK]);
}

/** `UNION` leaves out what was reached before, so that circles end. */
const ANCESTORS = `
  WITH RECURSIVE given AS (SELECT unnest($2::uuid[]) AS id),
  above(id) AS (
    SELECT id FROM given
    UNION
    SELECT unnest(e.depends_on) FROM above a JOIN endpoints e ON e.id = a.id
  )
  SELECT
    (SELECT g.id FROM given g WHERE NOT EXISTS (SELECT FROM endpoints e WHERE e.id = g.id) LIMIT 1) AS missing,
    EXISTS (SELECT FROM above WHERE id = $1) AS circular`;

/** @throws CodedException `VALIDATION_FAILED` when one of them is unknown, or depends on the endpoint itself */
export async function assertDependencies(
  manager: EntityManager,
  id: string,
  dependsOn: readonly string[],
): Promise<void> {
  if (dependsOn.length === 0) return;
  if (dependsOn.includes(id)) throw invalidField('depends_on', 'must not name the endpoint itself');
  const [row] = await manager.query<{ missing: string | null; circular: boolean }[]>(ANCESTORS, [
    id,
    dependsOn,
  ]);
  if (row!.missing !== null) throw invalidField('depends_on', `names ${row!.missing}, which is no endpoint`);
  if (row!.circular) throw invalidField('depends_on', 'must not lead back to the endpoint itself');
}

/** Nothing depends any more on endpoints that are gone. Rows are locked in order of id, like everywhere. */
export async function removeDependencies(manager: EntityManager, gone: readonly string[]): Promise<void> {
  await manager.query(
    `WITH dependent AS (SELECT id FROM endpoints WHERE depends_on && $1::uuid[] ORDER BY id FOR UPDATE)
     UPDATE endpoints e SET depends_on = ARRAY(SELECT id FROM unnest(e.depends_on) id WHERE id <> ALL($1::uuid[]))
     FROM dependent d WHERE d.id = e.id`,
    [gone],
  );
}
