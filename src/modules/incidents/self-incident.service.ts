import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { Clock } from '../../common/clock.js';
import { Bus } from '../../realtime/bus.js';
import { HeldEndpointsReader } from '../monitoring/self-doubt/held-endpoints.reader.js';
import { type NetworkLoss, WorkersReader } from '../workers/workers.reader.js';
import { addEndpoints, insertIncident, insertUpdate, lockIncident, writeIncident } from './incident.store.js';
import { backText, heldText, lostText } from './self-incident-words.js';

const DEDUPE_KEY = 'self:network';
const TITLE = 'Monitoring lost its network';
/** How often the timeline tells at most that more endpoints are held. */
const TELL_MS = 60_000;

/**
 * The one incident that Watchkeep opens about itself. It follows what the registry of processes says rather than what a
 * worker reports, so that it opens once however many lose their network, and ends even if those die that lost it.
 */
@Injectable()
export class SelfIncident {
  constructor(
    private readonly dataSource: DataSource,
    private readonly workers: WorkersReader,
    private readonly held: HeldEndpointsReader,
    private readonly bus: Bus,
    private readonly clock: Clock,
  ) {}

  /** Opens, carries on or resolves it. May run twice, and in several processes. */
  async review(): Promise<void> {
    const losses = await this.workers.networkLosses();
    if (losses.length === 0 && !(await this.openId(this.dataSource.manager))) return;
    const heldIds = await this.held.ids();
    const changed = await this.dataSource.transaction(async (manager) => {
      const [first] = losses;
      if (!first) return this.resolve(manager, heldIds);
      const opened = await this.open(manager, losses);
      return this.carryOn(manager, opened, losses.length, heldIds);
    });
    if (changed) await this.bus.publish('incident.changed', { ids: [changed] });
  }

  /** Answers the id, when this was what opened it. */
  private async open(manager: EntityManager, losses: readonly NetworkLoss[]): Promise<string | undefined> {
    const now = this.clock.now();
    const incident = {
      title: TITLE,
      description: lostText(losses),
      severity: 'major' as const,
      status: 'investigating' as const,
      source: 'self' as const,
      dedupe_key: DEDUPE_KEY,
      assigned_to: null,
      started_at: losses[0]!.since,
    };
    const id = await insertIncident(manager, incident, now);
    if (id) await insertUpdate(manager, id, entry('investigating', incident.description), now);
    return id;
  }

  /** Answers the id, when there is something new to see. */
  private async carryOn(
    manager: EntityManager,
    opened: string | undefined,
    workers: number,
    heldIds: readonly string[],
  ): Promise<string | undefined> {
    const id = opened ?? (await this.openId(manager));
    const incident = id && (await lockIncident(manager, id));
    if (!incident) return undefined;
    const added = await addEndpoints(manager, incident.id, heldIds);
    if (added === 0) return opened;
    const now = this.clock.now();
    if (await this.isTimeToTell(manager, incident.id, now)) {
      const body = heldText(incident.affected_count + added, workers);
      await insertUpdate(manager, incident.id, entry(incident.status, body), now);
    }
    await writeIncident(manager, incident, now);
    return incident.id;
  }

  private async resolve(manager: EntityManager, heldIds: readonly string[]): Promise<string | undefined> {
    const id = await this.openId(manager);
    const incident = id && (await lockIncident(manager, id));
    if (!incident || incident.resolved_at) return undefined;
    const added = await addEndpoints(manager, incident.id, heldIds);
    const now = this.clock.now();
    const lasted = now.getTime() - incident.started_at.getTime();
    const body = backText(lasted, incident.affected_count + added);
    await writeIncident(manager, { ...incident, status: 'resolved' }, now);
    await insertUpdate(manager, incident.id, entry('resolved', body), now);
    return incident.id;
  }

  private async openId(manager: EntityManager): Promise<string | undefined> {
    const [row] = await manager.query<{ id: string }[]>(
      'SELECT id FROM incidents WHERE dedupe_key = $1 AND resolved_at IS NULL',
      [DEDUPE_KEY],
    );
    return row?.id;
  }

  /** The first time at once, then once a minute. */
  private async isTimeToTell(manager: EntityManager, id: string, now: Date): Promise<boolean> {
    const [row] = await manager.query<{ entries: number; last: Date }[]>(
      'SELECT count(*)::int AS entries, max(at) AS last FROM incident_updates WHERE incident_id = $1',
      [id],
    );
    return row!.entries <= 1 || now.getTime() - row!.last.getTime() >= TELL_MS;
  }
}

function entry(status: 'investigating' | 'identified' | 'monitoring' | 'resolved', body: string) {
  return { status, body, public: false, author: null };
}
