import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { Clock } from '../../../common/clock.js';
import { CodedException, invalidField } from '../../../common/coded-exception.js';
import { parseDuration } from '../../../common/duration.js';
import { Bus } from '../../../realtime/bus.js';
import { rearmHeartbeats } from '../heartbeats/heartbeat.store.js';
import { type LockedStatus, lockStatuses } from '../states/endpoint-status.store.js';
import { announceStateChanges, type StateChange } from '../states/state-changes.js';
import {
  type BulkAction,
  type BulkEndpointsDto,
  type BulkResultDto,
  MAX_BULK,
} from './dto/bulk-endpoints.dto.js';
import type { EndpointFilter } from './dto/endpoints-query.dto.js';
import { MAX_TAGS } from './dto/limits.js';
import { changeEndpoints } from './bulk-endpoints.sql.js';
import { lockDependencies, removeDependencies } from './endpoint-dependencies.js';
import { conditionOf } from './endpoint-filter.js';
import { checkSoon, stopChecking } from './endpoint-schedule.js';

/** Endpoints that a request is about, locked. */
interface Chosen {
  ids: string[];
  statuses: ReadonlyMap<string, LockedStatus>;
  now: Date;
}

interface Outcome {
  changed: number;
  changes: StateChange[];
}

/** Changes many endpoints in one transaction, by statements over all of them. */
@Injectable()
export class BulkEndpointsService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly bus: Bus,
    private readonly clock: Clock,
  ) {}

  /** @throws CodedException `VALIDATION_FAILED` when it is not said with which endpoints, or with too many */
  async run(given: BulkEndpointsDto): Promise<BulkResultDto> {
    assertClear(given);
    const { matched, changed, changes } = await this.dataSource.transaction(async (manager) => {
      if (given.action === 'delete') await lockDependencies(manager);
      const wanted = given.ids ?? (await findIds(manager, given.filter!));
      const statuses = await lockStatuses(manager, wanted);
      const chosen = { ids: [...statuses.keys()], statuses, now: this.clock.now() };
      return { matched: chosen.ids.length, ...(await act(manager, given, chosen)) };
    });
    await announceStateChanges(this.bus, changes);
    return { matched, changed };
  }
}

/** Settings that only some actions have. */
const FIELDS = {
  group: ['set_group'],
  tags: ['add_tags', 'remove_tags'],
  interval: ['set_interval'],
} as const satisfies Partial<Record<keyof BulkEndpointsDto, readonly BulkAction[]>>;

/** What could mean something else than it was meant to is refused: many endpoints would suffer. */
function assertClear(given: BulkEndpointsDto): void {
  const { ids, filter, action } = given;
  if ((ids === undefined) === (filter === undefined)) {
    throw invalidField('ids', 'or filter must be given, and not both');
  }
  for (const field of Object.keys(FIELDS) as (keyof typeof FIELDS)[]) {
    const actions: readonly BulkAction[] = FIELDS[field];
    const isGiven = given[field] !== undefined;
    if (isGiven && !actions.includes(action)) throw invalidField(field, `does not go with action ${action}`);
    if (!isGiven && actions.includes(action)) throw invalidField(field, `is needed for action ${action}`);
  }
  if (action === 'delete' && filter && hasNoCondition(filter)) {
    throw invalidField('filter', 'must have at least one condition: everything is deleted by its ids only');
  }
}

function hasNoCondition(filter: EndpointFilter): boolean {
  return Object.values(filter).every(
    (value) => value === undefined || (Array.isArray(value) && value.length === 0),
  );
}

async function findIds(manager: EntityManager, filter: EndpointFilter): Promise<string[]> {
  const { sql, values } = conditionOf(filter, 1);
  const rows = await manager.query<{ id: string }[]>(
    `SELECT e.id FROM endpoints e JOIN endpoint_status s ON s.endpoint_id = e.id WHERE ${sql} LIMIT ${MAX_BULK + 1}`,
    values,
  );
  if (rows.length > MAX_BULK) throw invalidField('filter', `must not choose more than ${MAX_BULK} endpoints`);
  return rows.map(({ id }) => id);
}

async function act(manager: EntityManager, given: BulkEndpointsDto, chosen: Chosen): Promise<Outcome> {
  switch (given.action) {
    case 'enable':
      return enable(manager, chosen);
    case 'disable':
      return disable(manager, chosen);
    case 'delete':
      return remove(manager, chosen);
    case 'check':
      return { changed: await checkSoon(manager, chosen.ids, chosen.now), changes: [] };
    case 'set_interval':
      return setInterval(manager, chosen, parseDuration(given.interval!)!);
    case 'set_group':
      return label(manager, chosen, 'group', given.group);
    case 'add_tags':
      return addTags(manager, chosen, given.tags!);
    case 'remove_tags':
      return label(manager, chosen, 'without_tags', given.tags!);
  }
}

async function enable(manager: EntityManager, { ids, now }: Chosen): Promise<Outcome> {
  const changed = await changeEndpoints(manager, 'enabled', ids, now, true);
  await checkSoon(manager, changed, now);
  return { changed: changed.length, changes: [] };
}

async function disable(manager: EntityManager, { ids, statuses, now }: Chosen): Promise<Outcome> {
  const changed = await changeEndpoints(manager, 'enabled', ids, now, false);
  const changes = await stopChecking(
    manager,
    changed.map((id) => statuses.get(id)!),
    now,
  );
  return { changed: changed.length, changes };
}

async function remove(manager: EntityManager, { ids }: Chosen): Promise<Outcome> {
  const [, changed] = await manager.query<[unknown, number]>(
    'DELETE FROM endpoints WHERE id = ANY($1::uuid[])',
    [ids],
  );
  await removeDependencies(manager, ids);
  return { changed, changes: [] };
}

async function setInterval(manager: EntityManager, { ids, now }: Chosen, interval: number): Promise<Outcome> {
  const changed = await changeEndpoints(manager, 'interval', ids, now, interval);
  await checkSoon(manager, changed, now);
  await rearmHeartbeats(manager, changed, now);
  return { changed: changed.length, changes: [] };
}

async function addTags(manager: EntityManager, chosen: Chosen, tags: string[]): Promise<Outcome> {
  const outcome = await label(manager, chosen, 'with_tags', tags);
  const [full] = await manager.query<{ name: string }[]>(
    'SELECT name FROM endpoints WHERE id = ANY($1::uuid[]) AND cardinality(tags) > $2 LIMIT 1',
    [chosen.ids, MAX_TAGS],
  );
  if (!full) return outcome;
  throw new CodedException('VALIDATION_FAILED', `${full.name} would have more than ${MAX_TAGS} tags.`);
}

async function label(
  manager: EntityManager,
  { ids, now }: Chosen,
  what: 'group' | 'with_tags' | 'without_tags',
  value: unknown,
): Promise<Outcome> {
  return { changed: (await changeEndpoints(manager, what, ids, now, value)).length, changes: [] };
}
