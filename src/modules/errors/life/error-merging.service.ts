import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { chunks } from '../../../common/chunks.js';
import { Clock } from '../../../common/clock.js';
import { CodedException, invalidField } from '../../../common/coded-exception.js';
import { isDeadlock } from '../../../common/database-failure.js';
import { Bus } from '../../../realtime/bus.js';
import { MAX_IDS } from '../../../realtime/events.js';
import { errorNotFound } from '../error-not-found.js';
import type { Actor } from './actor.js';
import {
  FOLD_AGAIN,
  JOIN_INTO_TARGET,
  MARK_AS_MERGED,
  MARK_AS_OWN,
  SHIFT_SAMPLES,
  TAKE_FROM_TARGET,
} from './merging.sql.js';
import { regroupAlone } from './regrouping-lock.js';

/** Errors that may be merged into one. */
export const MAX_MERGED = 500;
const ATTEMPTS = 5;

interface Group {
  id: string;
  source: string;
}

/** What a merge or its undoing did. */
export interface Regrouped {
  /** Id of the error that the others are or were merged into. */
  target: string;
  /** Ids of those that were merged or taken out. */
  ids: string[];
}

/**
 * Makes one error of several, and takes them apart again. The merged ones stay as rows that nobody lists: the statement that
 * stores counts their reports under the target and beside under themselves, so that what is taken apart has its exact count.
 */
@Injectable()
export class ErrorMerging {
  constructor(
    private readonly dataSource: DataSource,
    private readonly bus: Bus,
    private readonly clock: Clock,
  ) {}

  /**
   * Merges the others, with all that is merged into them, into the error. To do it twice changes nothing.
   * @throws CodedException `ERROR_NOT_FOUND`; `VALIDATION_FAILED` (of another source); `CONFLICT` (too many)
   */
  merge(id: string, others: readonly string[], by: Actor): Promise<Regrouped> {
    return this.regroup(by, 'merged', async (manager, now) => {
      const [target, ...members] = await rootsOf(manager, [id, ...others]);
      const groups = [...new Set(members)].filter((member) => member !== target);
      const all = await this.flatten(manager, target!, groups, now);
      if (all.length === 0) return { target: target!, ids: [] };
      await manager.query(SHIFT_SAMPLES, [target, all, 1]);
      await manager.query(JOIN_INTO_TARGET, [target, all, now]);
      await manager.query(MARK_AS_MERGED, [target, all, now]);
      return { target: target!, ids: all };
    });
  }

  /** Takes those out that are merged into the error, by id or by fingerprint; others are passed over. @throws CodedException `ERROR_NOT_FOUND` */
  unmerge(
    id: string,
    which: { ids: readonly string[]; fingerprints: readonly string[] },
    by: Actor,
  ): Promise<Regrouped> {
    return this.regroup(by, 'unmerged', async (manager, now) => {
      const [target] = (await rootsOf(manager, [id])) as [string];
      const rows = await manager.query<{ id: string }[]>(
        `SELECT id FROM errors WHERE merged_into = $1 AND (id = ANY($2::uuid[]) OR fingerprint = ANY($3)) ORDER BY id FOR UPDATE`,
        [target, which.ids, which.fingerprints],
      );
      const ids = rows.map((row) => row.id);
      await lock(manager, [target]);
      if (ids.length > 0) await takeOut(manager, target, ids, now);
      return { target, ids };
    });
  }

  /** Locks everything; members that have others of their own give them back first. Answers all that are to be merged. */
  private async flatten(
    manager: EntityManager,
    target: string,
    members: readonly string[],
    now: Date,
  ): Promise<string[]> {
    const nested = await manager.query<{ id: string; merged_into: string }[]>(
      'SELECT id, merged_into FROM errors WHERE merged_into = ANY($1::uuid[]) ORDER BY id FOR UPDATE',
      [members],
    );
    const groups = await lock(manager, [target, ...members]);
    refuseForeign(groups, target);
    await refuseTooMany(manager, target, members.length + nested.length);
    for (const member of members) {
      const own = nested.filter(({ merged_into }) => merged_into === member).map(({ id }) => id);
      if (own.length > 0) await takeOut(manager, member, own, now);
    }
    return [...members, ...nested.map(({ id }) => id)];
  }

  /** Alone, and again when it met the reports of a process that has not heard of an earlier merge. */
  private async regroup(
    by: Actor,
    kind: 'merged' | 'unmerged',
    work: (manager: EntityManager, now: Date) => Promise<Regrouped>,
  ): Promise<Regrouped> {
    for (let attempt = 1; ; attempt++) {
      try {
        const done = await this.dataSource.transaction(async (manager) => {
          await regroupAlone(manager);
          const now = this.clock.now();
          const regrouped = await work(manager, now);
          if (regrouped.ids.length > 0) {
            await note(manager, regrouped, { kind, by, now });
            await manager.query(FOLD_AGAIN, [[regrouped.target, ...regrouped.ids], now]);
          }
          return regrouped;
        });
        await this.announce(done);
        return done;
      } catch (error) {
        if (!isDeadlock(error) || attempt === ATTEMPTS) throw error;
      }
    }
  }

  private async announce({ target, ids }: Regrouped): Promise<void> {
    if (ids.length === 0) return;
    await this.bus.publish('errors.regrouped', { ids: [target] });
    for (const part of chunks([target, ...ids], MAX_IDS))
      void this.bus.publish('errors.updated', { ids: part });
  }
}

/** Whoever names an error that is merged means the one that it is merged into. */
async function rootsOf(manager: EntityManager, ids: readonly string[]): Promise<string[]> {
  const rows = await manager.query<{ id: string; root: string }[]>(
    'SELECT id, coalesce(merged_into, id) AS root FROM errors WHERE id = ANY($1::uuid[])',
    [ids],
  );
  const roots = new Map(rows.map(({ id, root }) => [id, root]));
  return ids.map((id) => {
    const root = roots.get(id.toLowerCase());
    if (root === undefined) throw errorNotFound();
    return root;
  });
}

/** In the order of the statement that stores. */
async function lock(manager: EntityManager, ids: readonly string[]): Promise<Group[]> {
  const groups = await manager.query<Group[]>(
    'SELECT id, source FROM errors WHERE id = ANY($1::uuid[]) ORDER BY fingerprint FOR UPDATE',
    [ids],
  );
  if (groups.length < ids.length) throw errorNotFound();
  return groups;
}

function refuseForeign(groups: readonly Group[], target: string): void {
  const { source } = groups.find(({ id }) => id === target)!;
  if (groups.every((group) => group.source === source)) return;
  throw invalidField('ids', `must be errors of the same source, "${source}"`);
}

async function refuseTooMany(manager: EntityManager, target: string, more: number): Promise<void> {
  const [row] = await manager.query<{ count: number }[]>(
    'SELECT count(*)::int AS count FROM errors WHERE merged_into = $1',
    [target],
  );
  if (row!.count + more <= MAX_MERGED) return;
  throw new CodedException('CONFLICT', `At most ${MAX_MERGED} errors can be merged into one.`);
}

async function takeOut(
  manager: EntityManager,
  target: string,
  ids: readonly string[],
  now: Date,
): Promise<void> {
  await manager.query(SHIFT_SAMPLES, [target, ids, -1]);
  await manager.query(TAKE_FROM_TARGET, [target, ids, now]);
  await manager.query(MARK_AS_OWN, [ids, now]);
}

function note(
  manager: EntityManager,
  { target, ids }: Regrouped,
  { kind, by, now }: { kind: string; by: Actor; now: Date },
): Promise<unknown> {
  return manager.query(
    `INSERT INTO error_activities (id, error_id, at, kind, actor_kind, actor_id, actor_name, details)
     VALUES (gen_random_uuid(), $1, $2, $3, $4, $5, $6, $7::jsonb)`,
    [target, now, kind, by.kind, by.id, by.name, JSON.stringify({ ids })],
  );
}
