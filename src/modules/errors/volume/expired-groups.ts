import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { Clock } from '../../../common/clock.js';
import { Bus } from '../../../realtime/bus.js';
import { MAX_IDS } from '../../../realtime/events.js';
import type { RetentionPolicy } from '../../settings/retention.reader.js';

/** Groups that one transaction removes: few enough that nobody waits for their locks. */
const BATCH = MAX_IDS;
/** How long one run goes on while there are more: the next one takes over. */
const BUDGET_MS = 60_000;

/** The index knows minutes; `last_seen_minute` is never later than `last_seen`. */
const EXPIRED = `
  SELECT id FROM errors
  WHERE last_seen_minute < $1 AND last_seen < $1 AND merged_into IS NULL
  ORDER BY last_seen_minute LIMIT ${BATCH} FOR UPDATE SKIP LOCKED`;

/** Removes errors that have not been seen for long, with all that belongs to them. */
@Injectable()
export class ExpiredGroups {
  constructor(
    private readonly dataSource: DataSource,
    private readonly bus: Bus,
    private readonly clock: Clock,
  ) {}

  /** Answers how many. Those merged into another live as long as that. */
  async remove({ errors, occurrences }: Pick<RetentionPolicy, 'errors' | 'occurrences'>): Promise<number> {
    if (errors === null) return 0;
    const now = this.clock.now().getTime();
    const cutoff = new Date(now - errors);
    let total = 0;
    for (;;) {
      const ids = await this.dataSource.transaction((manager) =>
        removeBatch(manager, cutoff, errors < occurrences),
      );
      total += ids.length;
      if (ids.length > 0) await this.bus.publish('errors.updated', { ids });
      if (ids.length < BATCH || this.clock.now().getTime() - now > BUDGET_MS) return total;
    }
  }
}

async function removeBatch(
  manager: EntityManager,
  cutoff: Date,
  mayHaveOccurrences: boolean,
): Promise<string[]> {
  const ids = (await manager.query<{ id: string }[]>(EXPIRED, [cutoff])).map(({ id }) => id);
  if (ids.length === 0) return [];
  const merged = await manager.query<{ id: string }[]>('SELECT id FROM errors WHERE merged_into = ANY($1)', [
    ids,
  ]);
  const all = [...ids, ...merged.map(({ id }) => id)];
  await manager.query('DELETE FROM errors WHERE id = ANY($1)', [ids]);
  await manager.query('DELETE FROM error_last_occurrences WHERE error_id = ANY($1)', [all]);
  // Otherwise they have left with their day.
  if (mayHaveOccurrences)
    await manager.query('DELETE FROM error_occurrences WHERE error_id = ANY($1)', [all]);
  return ids;
}
