import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { Clock } from '../../../common/clock.js';
import { Bus } from '../../../realtime/bus.js';
import { MAX_IDS } from '../../../realtime/events.js';
import { whileNobodyRegroups } from '../life/regrouping-lock.js';
import type { RetentionPolicy } from '../../settings/retention.reader.js';

/** Groups that one transaction removes: few enough that nobody waits for their locks. */
const BATCH = MAX_IDS;
/** How long one run goes on while there are more: the next one takes over. */
const BUDGET_MS = 60_000;

/** Over the index by minutes: `last_seen_minute` is never later than `last_seen`. */
const CANDIDATES = `
  SELECT id FROM errors WHERE last_seen_minute < $1 AND last_seen < $1 AND merged_into IS NULL
  ORDER BY last_seen_minute LIMIT ${BATCH}`;

/** One that has just been seen again is none of them any more. */
const LOCK_EXPIRED = `
  SELECT id FROM errors WHERE id = ANY($1::uuid[]) AND last_seen < $2 AND merged_into IS NULL
  ORDER BY fingerprint FOR UPDATE`;

interface Row {
  id: string;
}

interface Removed {
  ids: string[];
  /** Whether others had been merged into them. */
  hadMerged: boolean;
  candidates: number;
}

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
      const { ids, hadMerged, candidates } = await this.dataSource.transaction((manager) =>
        removeBatch(manager, cutoff, errors < occurrences),
      );
      total += ids.length;
      if (ids.length > 0) await this.bus.publish('errors.updated', { ids });
      if (hadMerged) await this.bus.publish('errors.regrouped', { ids });
      if (candidates < BATCH || this.clock.now().getTime() - now > BUDGET_MS) return total;
    }
  }
}

/** Merged ones are locked before those that they are merged into, as everywhere. */
async function removeBatch(
  manager: EntityManager,
  cutoff: Date,
  mayHaveOccurrences: boolean,
): Promise<Removed> {
  await whileNobodyRegroups(manager);
  const candidates = idsOf(await manager.query<Row[]>(CANDIDATES, [cutoff]));
  await manager.query('SELECT FROM errors WHERE merged_into = ANY($1::uuid[]) ORDER BY id FOR UPDATE', [
    candidates,
  ]);
  const ids = idsOf(await manager.query<Row[]>(LOCK_EXPIRED, [candidates, cutoff]));
  const merged = idsOf(
    await manager.query<Row[]>('SELECT id FROM errors WHERE merged_into = ANY($1::uuid[])', [ids]),
  );
  const all = [...ids, ...merged];
  await manager.query('DELETE FROM errors WHERE id = ANY($1::uuid[])', [ids]);
  await manager.query('DELETE FROM error_last_occurrences WHERE error_id = ANY($1::uuid[])', [all]);
  // Otherwise they have left with their day.
  if (mayHaveOccurrences)
    await manager.query('DELETE FROM error_occurrences WHERE error_id = ANY($1::uuid[])', [all]);
  return { ids, hadMerged: merged.length > 0, candidates: candidates.length };
}

function idsOf(rows: readonly Row[]): string[] {
  return rows.map(({ id }) => id);
}
