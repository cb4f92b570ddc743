import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { Clock } from '../../common/clock.js';
import { Bus } from '../../realtime/bus.js';
import type { SpikeDto } from '../errors/volume/dto/spike.dto.js';
import { SpikesReader } from '../errors/volume/spikes.reader.js';
import { insertIncident, insertUpdate, lockIncident, writeIncident } from './incident.store.js';
import { spikeOverText, spikeText } from './spike-incident-words.js';

/** Followed by the id of the spike: one incident for each, also when a person resolves it early. */
const KEY_PREFIX = 'spike:';

interface OpenIncident {
  id: string;
  spike_id: string;
}

/** The incidents that tell of floods of errors: one for each, which ends with it. */
@Injectable()
export class SpikeIncidents {
  constructor(
    private readonly dataSource: DataSource,
    private readonly spikes: SpikesReader,
    private readonly bus: Bus,
    private readonly clock: Clock,
  ) {}

  /** Opens and resolves them. May run twice, and in several processes. */
  async review(): Promise<void> {
    const current = await this.spikes.current();
    const opened = await this.open(await this.untold(current));
    const goingOn = new Set(current.map(({ id }) => id));
    const over = (await this.openIncidents()).filter(({ spike_id }) => !goingOn.has(spike_id));
    const resolved = await this.resolve(over);
    const ids = [...opened, ...resolved];
    if (ids.length > 0) await this.bus.publish('incident.changed', { ids });
  }

  private async untold(current: readonly SpikeDto[]): Promise<SpikeDto[]> {
    if (current.length === 0) return [];
    const told = await this.dataSource.query<{ dedupe_key: string }[]>(
      'SELECT dedupe_key FROM incidents WHERE dedupe_key = ANY($1::text[])',
      [current.map(({ id }) => KEY_PREFIX + id)],
    );
    const keys = new Set(told.map(({ dedupe_key }) => dedupe_key));
    return current.filter(({ id }) => !keys.has(KEY_PREFIX + id));
  }

  private async open(spikes: readonly SpikeDto[]): Promise<string[]> {
    const ids: string[] = [];
    for (const spike of spikes) {
      const id = await this.dataSource.transaction((manager) => this.openOne(manager, spike));
      if (id) ids.push(id);
    }
    return ids;
  }

  private async openOne(manager: EntityManager, spike: SpikeDto): Promise<string | undefined> {
    const now = this.clock.now();
    const incident = {
      title: `Flood of errors: ${spike.source}`,
      description: spikeText(spike),
      severity: 'major' as const,
      status: 'investigating' as const,
      source: 'self' as const,
      dedupe_key: KEY_PREFIX + spike.id,
      assigned_to: null,
      started_at: spike.started_at,
    };
    const id = await insertIncident(manager, incident, now);
    if (id) await insertUpdate(manager, id, entry('investigating', incident.description), now);
    return id;
  }

  private openIncidents(): Promise<OpenIncident[]> {
    return this.dataSource.query<OpenIncident[]>(
      `SELECT id, substr(dedupe_key, ${KEY_PREFIX.length + 1}) AS spike_id FROM incidents
       WHERE resolved_at IS NULL AND dedupe_key LIKE '${KEY_PREFIX}%'`,
    );
  }

  private async resolve(over: readonly OpenIncident[]): Promise<string[]> {
    if (over.length === 0) return [];
    const spikes = new Map(
      (await this.spikes.byIds(over.map(({ spike_id }) => spike_id))).map((spike) => [spike.id, spike]),
    );
    const ids: string[] = [];
    for (const { id, spike_id } of over) {
      const spike = spikes.get(spike_id);
      const refused = spike ? await this.spikes.refusedSince(spike.source, spike.started_at) : 0;
      const resolved = await this.dataSource.transaction((manager) =>
        this.resolveOne(manager, id, spike, refused),
      );
      if (resolved) ids.push(id);
    }
    return ids;
  }

  private async resolveOne(
    manager: EntityManager,
    id: string,
    spike: SpikeDto | undefined,
    refused: number,
  ): Promise<boolean> {
    const incident = await lockIncident(manager, id);
    if (!incident || incident.resolved_at) return false;
    const now = this.clock.now();
    await writeIncident(manager, { ...incident, status: 'resolved' }, now);
    await insertUpdate(manager, id, entry('resolved', spikeOverText(spike, refused)), now);
    return true;
  }
}

function entry(status: 'investigating' | 'resolved', body: string) {
  return { status, body, public: false, author: null };
}
