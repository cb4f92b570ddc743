import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import type { Principal } from '../../common/access.js';
import { Clock } from '../../common/clock.js';
import { CodedException } from '../../common/coded-exception.js';
import { isUniqueViolation } from '../../common/database-failure.js';
import { defined } from '../../common/defined.js';
import type { Incident } from '../../database/entities/incident.entity.js';
import { Bus } from '../../realtime/bus.js';
import type {
  AddIncidentUpdateDto,
  ChangeIncidentDto,
  CreateIncidentDto,
} from './dto/change-incident.dto.js';
import { claimIncident } from './incident-claim.js';
import { incidentNotFound } from './incident-not-found.js';
import {
  insertIncident,
  insertUpdate,
  lockIncident,
  replaceEndpoints,
  writeIncident,
} from './incident.store.js';

/** Writes incidents, for people and programs. */
@Injectable()
export class IncidentsService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly bus: Bus,
    private readonly clock: Clock,
  ) {}

  /** Answers the id of the new incident, or of the one that an earlier request with the same key made. */
  async create(given: CreateIncidentDto, by: Principal, key?: string): Promise<string> {
    const now = this.clock.now();
    const { id, isNew } = await this.dataSource.transaction(async (manager) => {
      const made = (await insertIncident(manager, newIncident(given, now), now))!;
      const earlier =
        key === undefined ? undefined : await claimIncident(manager, { principalId: by.id, key }, made, now);
      if (earlier !== undefined) {
        await manager.query('DELETE FROM incidents WHERE id = $1', [made]);
        return { id: earlier, isNew: false };
      }
      await replaceEndpoints(manager, made, given.endpoint_ids ?? []);
      await insertUpdate(manager, made, firstUpdate(given, by), now);
      return { id: made, isNew: true };
    });
    if (isNew) await this.announce(id);
    return id;
  }

  /** Changes what is given. @throws CodedException `INCIDENT_NOT_FOUND`, `CONFLICT` */
  async change(id: string, given: ChangeIncidentDto, by: Principal): Promise<void> {
    const { endpoint_ids, message, public: isPublic = true, ...fields } = given;
    await this.inLock(id, async (manager, incident, now) => {
      const changed = { ...incident, ...defined(fields) };
      await writeIncident(manager, changed, now);
      if (endpoint_ids) await replaceEndpoints(manager, id, endpoint_ids);
      const body = message ?? changeText(incident, changed);
      if (body === undefined) return;
      await insertUpdate(
        manager,
        id,
        { status: changed.status, body, public: isPublic, author: by.name },
        now,
      );
    });
  }

  /** Answers the id of the new entry. @throws CodedException `INCIDENT_NOT_FOUND`, `CONFLICT` */
  addUpdate(id: string, given: AddIncidentUpdateDto, by: Principal): Promise<string> {
    return this.inLock(id, async (manager, incident, now) => {
      const status = given.status ?? incident.status;
      await writeIncident(manager, { ...incident, status }, now);
      const update = { status, body: given.body, public: given.public ?? true, author: by.name };
      return insertUpdate(manager, id, update, now);
    });
  }

  /** @throws CodedException `INCIDENT_NOT_FOUND` */
  async delete(id: string): Promise<void> {
    const [, count] = await this.dataSource.query<[unknown, number]>('DELETE FROM incidents WHERE id = $1', [
      id,
    ]);
    if (count === 0) throw incidentNotFound();
    await this.announce(id);
  }

  private async inLock<T>(
    id: string,
    work: (manager: EntityManager, incident: Incident, now: Date) => Promise<T>,
  ): Promise<T> {
    const answer = await reopening(() =>
      this.dataSource.transaction(async (manager) => {
        const incident = await lockIncident(manager, id);
        if (!incident) throw incidentNotFound();
        return work(manager, incident, this.clock.now());
      }),
    );
    await this.announce(id);
    return answer;
  }

  private announce(id: string): Promise<void> {
    return this.bus.publish('incident.changed', { ids: [id] });
  }
}

function newIncident(given: CreateIncidentDto, now: Date) {
  return {
    title: given.title,
    description: given.description ?? '',
    severity: given.severity,
    status: given.status ?? ('investigating' as const),
    source: 'manual' as const,
    dedupe_key: null,
    assigned_to: given.assigned_to ?? null,
    started_at: given.started_at ?? now,
  };
}

function firstUpdate(given: CreateIncidentDto, by: Principal) {
  return {
    status: given.status ?? ('investigating' as const),
    body: given.message ?? (given.description || given.title),
    public: given.public ?? true,
    author: by.name,
  };
}

/** What the timeline says when nobody said anything; undefined when nothing has changed that it would show. */
function changeText(before: Incident, after: Incident): string | undefined {
  const parts = [
    after.status !== before.status && `Status: ${after.status}.`,
    after.severity !== before.severity && `Severity: ${after.severity}.`,
  ].filter((part) => part !== false);
  return parts.length > 0 ? parts.join(' ') : undefined;
}

/** Says what is wrong when an incident cannot be opened again, because another about the same thing is open. */
async function reopening<T>(write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (error) {
    if (!isUniqueViolation(error)) throw error;
    throw new CodedException('CONFLICT', 'Another incident about the same thing is open already.');
  }
}
