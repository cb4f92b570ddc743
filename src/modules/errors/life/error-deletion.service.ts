import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { chunks } from '../../../common/chunks.js';
import { CodedException } from '../../../common/coded-exception.js';
import { Bus } from '../../../realtime/bus.js';
import { MAX_IDS } from '../../../realtime/events.js';
import { errorNotFound } from '../error-not-found.js';
import { whileNobodyRegroups } from './regrouping-lock.js';

/** Occurrences that one transaction deletes at most: millions would take longer than a statement may. */
const MAX_OCCURRENCES = 10_000;

/**
 * The newest $2 of each. Of an error that is gone nobody can ask for the others; they go with their day’s partition,
 * the oldest first. The same error gets another id when it comes back.
 */
const DELETE_OCCURRENCES = `
  DELETE FROM error_occurrences AS o
  USING (SELECT id, coalesce((SELECT received_at FROM error_occurrences WHERE error_id = gone.id
           ORDER BY received_at DESC OFFSET $2 - 1 LIMIT 1), '-infinity') AS since
         FROM unnest($1::uuid[]) AS gone (id)) AS gone
  WHERE o.error_id = gone.id AND o.received_at >= gone.since`;

interface Gone {
  id: string;
  merged_into: string | null;
}

/** Removes errors for good. */
@Injectable()
export class ErrorDeletion {
  constructor(
    private readonly dataSource: DataSource,
    private readonly bus: Bus,
  ) {}

  /** @throws CodedException `ERROR_NOT_FOUND`; `CONFLICT` when it is merged into another */
  async delete(id: string): Promise<void> {
    if ((await this.deleteAll([id])) === 0) throw await this.reasonAgainst(id);
  }

  /** In one transaction, with all that are merged into them. Answers how many were there and stood for themselves. */
  async deleteAll(ids: readonly string[]): Promise<number> {
    const gone = await this.dataSource.transaction((manager) => remove(manager, ids));
    const own = gone.filter(({ merged_into }) => merged_into === null).map(({ id }) => id);
    for (const part of chunks(own, MAX_IDS)) void this.bus.publish('errors.updated', { ids: part });
    if (gone.length > own.length) void this.bus.publish('errors.regrouped', { ids: own.slice(0, MAX_IDS) });
    return own.length;
  }

  private async reasonAgainst(id: string): Promise<CodedException> {
    const [row] = await this.dataSource.query<Gone[]>('SELECT id, merged_into FROM errors WHERE id = $1', [
      id,
    ]);
    if (!row?.merged_into) return errorNotFound();
    return new CodedException(
      'CONFLICT',
      `The error is merged into ${row.merged_into}. Take it out again, or delete that one.`,
    );
  }
}

/**
 * The errors go first: they are locked by whoever counts them, so an occurrence that is being stored is seen by the
 * statements behind. Merged ones are locked before those that they are merged into, as everywhere.
 */
async function remove(manager: EntityManager, ids: readonly string[]): Promise<Gone[]> {
  await whileNobodyRegroups(manager);
  await manager.query(`SELECT FROM errors WHERE merged_into = ANY($1::uuid[]) ORDER BY id FOR UPDATE`, [ids]);
  const gone = await manager.query<Gone[]>(
    `SELECT id, merged_into FROM errors WHERE id = ANY($1::uuid[]) AND merged_into IS NULL ORDER BY fingerprint FOR UPDATE`,
    [ids],
  );
  const own = gone.map(({ id }) => id);
  const merged = await manager.query<Gone[]>(
    'SELECT id, merged_into FROM errors WHERE merged_into = ANY($1::uuid[])',
    [own],
  );
  const all = [...gone, ...merged];
  const allIds = all.map(({ id }) => id);
  await manager.query('DELETE FROM errors WHERE id = ANY($1::uuid[])', [own]);
  await manager.query(DELETE_OCCURRENCES, [allIds, Math.ceil(MAX_OCCURRENCES / Math.max(1, allIds.length))]);
  await manager.query('DELETE FROM error_last_occurrences WHERE error_id = ANY($1::uuid[])', [allIds]);
  return all;
}
