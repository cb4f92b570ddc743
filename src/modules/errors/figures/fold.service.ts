import { Injectable, Logger } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { Versions } from '../../../common/cache/versions.js';
import { Clock } from '../../../common/clock.js';
import { addToLedger, type LedgerRow } from '../volume/ledger-store.js';
import { Facets, type StoredTags } from './facets.js';
import {
  ADD_COUNTS,
  ADD_HOURS,
  ADD_TAG_VALUES,
  FAMILY_SKETCHES,
  FIND_GROUPS,
  SAVE_FACETS,
  SAVE_FIGURES,
  TAKE_TALLIES,
  TRIM_TAG_VALUES,
} from './fold.sql.js';
import { type GroupSums, type TallyRow, TallySums } from './tally-sums.js';
import { UserSketch } from './user-sketch.js';

/** Any constant that no other advisory lock of ours uses. */
const FOLD_LOCK = 7_230_040;
/** How long one job goes on while there is more: the next one takes over. */
const BUDGET_MS = 20_000;
const TRIM_EVERY_MS = 600_000;
const MAX_TAG_VALUES = 1_000;

interface GroupRow {
  id: string;
  fingerprint: string;
  merged_into: string | null;
  users: Buffer | null;
  tags: StoredTags | null;
}

interface FoldedGroup extends GroupSums {
  row: GroupRow;
}

/**
 * Folds tallies into figures: hours, tags, affected users, statistics, the ledger. What a flush has left behind is
 * removed in the transaction that adds it up, so each report is folded exactly once. One process at a time does it:
 * what is known of a group is read, added to here, and written back.
 */
@Injectable()
export class FoldService {
  private readonly logger = new Logger(FoldService.name);
  /** Lists that were answered before would go without these figures. */
  private readonly versions: Versions;
  private trimmedAt = 0;

  constructor(
    private readonly dataSource: DataSource,
    private readonly clock: Clock,
  ) {
    this.versions = new Versions(dataSource);
  }

  /** Until nothing is left or the time is over. Answers how many tallies it has folded. */
  async fold(): Promise<number> {
    const end = this.clock.now().getTime() + BUDGET_MS;
    let total = 0;
    for (;;) {
      const folded = await this.dataSource.transaction((manager) => this.pass(manager));
      total += folded;
      if (folded === 0 || this.clock.now().getTime() >= end) break;
    }
    if (total > 0) {
      await this.versions.move('errors');
      await this.trim();
    }
    return total;
  }

  private async pass(manager: EntityManager): Promise<number> {
    const [lock] = await manager.query<{ locked: boolean }[]>(
      'SELECT pg_try_advisory_xact_lock($1) AS locked',
      [FOLD_LOCK],
    );
    if (!lock!.locked) return 0;
    const [rows] = await manager.query<[TallyRow[], number]>(TAKE_TALLIES);
    if (rows.length === 0) return 0;
    const sums = new TallySums();
    for (const row of rows) sums.add(row);
    await foldGroups(manager, await groupsOf(manager, sums));
    await addCounts(manager, sums);
    await addTagValues(manager, sums);
    await addToLedger(manager, ledgerRows(sums));
    return rows.length;
  }

  private async trim(): Promise<void> {
    const now = this.clock.now().getTime();
    if (now - this.trimmedAt < TRIM_EVERY_MS) return;
    this.trimmedAt = now;
    const [, removed] = await this.dataSource.query<[unknown, number]>(TRIM_TAG_VALUES, [MAX_TAG_VALUES]);
    if (removed > 0) this.logger.debug(`${removed} values of tags are no longer offered for completion`);
  }
}

/** Those that still exist, with what was known of them and what came. In the order of their ids. */
async function groupsOf(manager: EntityManager, { groups }: TallySums): Promise<FoldedGroup[]> {
  const rows = await manager.query<GroupRow[]>(FIND_GROUPS, [[...groups.keys()]]);
  return rows
    .toSorted((a, b) => (a.id < b.id ? -1 : 1))
    .map((row) => {
      const sums = groups.get(row.fingerprint)!;
      const users = UserSketch.from(row.users);
      users.merge(sums.users);
      const facets = Facets.from(row.tags);
      facets.merge(sums.facets);
      return { ...sums, row, users, facets };
    });
}

async function foldGroups(manager: EntityManager, groups: readonly FoldedGroup[]): Promise<void> {
  if (groups.length === 0) return;
  const users = await familyUsers(manager, groups);
  // The figures first: their foreign key makes a deletion wait, or this pass begin again without the group.
  await manager.query(SAVE_FIGURES, [[...users.keys()], [...users.values()]]);
  await manager.query(SAVE_FACETS, [
    groups.map(({ row }) => row.id),
    groups.map((group) => (group.users.estimate() === 0 ? null : group.users.toBuffer())),
    groups.map(({ facets }) => JSON.stringify(facets.toStored())),
    groups.map(({ facets }) => JSON.stringify(facets.terms())),
  ]);
  const hours = groups.flatMap(({ row, hours: own }) =>
    [...own].map(([hour, count]) => ({ id: row.id, hour: new Date(hour), count })),
  );
  await manager.query(ADD_HOURS, [
    hours.map(({ id }) => id),
    hours.map(({ hour }) => hour),
    hours.map(({ count }) => count),
  ]);
}

/** Affected users of these groups and of those that they are merged into, the merged ones included. */
async function familyUsers(
  manager: EntityManager,
  groups: readonly FoldedGroup[],
): Promise<Map<string, number>> {
  const own = new Map(groups.map(({ row, users }) => [row.id, users]));
  const targets = new Set(groups.flatMap(({ row }) => row.merged_into ?? []));
  const users = new Map([...own].map(([id, sketch]) => [id, sketch.estimate()]));
  const withMerged = [...own.keys(), ...targets];
  const members = await manager.query<{ target: string; member: string; users: Buffer }[]>(FAMILY_SKETCHES, [
    await thoseWithMerged(manager, withMerged),
  ]);
  const families = new Map<string, UserSketch>();
  const familyOf = (id: string): UserSketch => {
    let family = families.get(id);
    if (!family) {
      families.set(id, (family = new UserSketch()));
      const sketch = own.get(id);
      if (sketch) family.merge(sketch);
    }
    return family;
  };
  for (const { target, member, users: stored } of members)
    familyOf(target).merge(own.get(member) ?? UserSketch.from(stored));
  for (const { row, users: sketch } of groups) if (row.merged_into) familyOf(row.merged_into).merge(sketch);
  for (const [id, family] of families) users.set(id, family.estimate());
  return new Map([...users].toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

/** Few groups have others merged into them: the rest need no second look. */
async function thoseWithMerged(manager: EntityManager, ids: readonly string[]): Promise<string[]> {
  const rows = await manager.query<{ id: string }[]>(
    'SELECT DISTINCT merged_into AS id FROM errors WHERE merged_into = ANY($1)',
    [ids],
  );
  return rows.map(({ id }) => id);
}

async function addCounts(manager: EntityManager, { hourCounts }: TallySums): Promise<void> {
  await manager.query(ADD_COUNTS, [
    hourCounts.map(({ hour }) => hour),
    hourCounts.map(({ source }) => source),
    hourCounts.map(({ environment }) => environment),
    hourCounts.map(({ level }) => level),
    hourCounts.map(({ count }) => count),
  ]);
}

async function addTagValues(manager: EntityManager, { sources }: TallySums): Promise<void> {
  const rows = [...sources].flatMap(([source, facets]) =>
    [...facets.entries()].flatMap(([key, , values]) =>
      [...values].map(([value, [count, at]]) => ({ source, key, value, count, at: new Date(at * 1_000) })),
    ),
  );
  await manager.query(ADD_TAG_VALUES, [
    rows.map(({ source }) => source),
    rows.map(({ key }) => key),
    rows.map(({ value }) => value),
    rows.map(({ count }) => count),
    rows.map(({ at }) => at),
  ]);
}

/** The volume part’s ledger says where every report went: counted, and of these not kept as an occurrence. */
function ledgerRows({ foldedCounts }: TallySums): LedgerRow[] {
  return foldedCounts.flatMap(({ hour, source, accepted, sampled }) => [
    { at: hour, source, outcome: 'accepted', reason: '', count: accepted },
    { at: hour, source, outcome: 'sampled', reason: '', count: sampled },
  ]);
}
