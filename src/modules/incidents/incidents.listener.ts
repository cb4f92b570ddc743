import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Bus } from '../../realtime/bus.js';
import { type PastEvent, SocketHub } from '../../realtime/socket-hub.js';
import { IncidentsReader } from './incidents.reader.js';

const MAX_REPLAYED = 200;

/** Tells the sockets of this process what happened to incidents, whichever process did it. */
@Injectable()
export class IncidentsListener implements OnModuleInit {
  constructor(
    private readonly bus: Bus,
    private readonly hub: SocketHub,
    private readonly reader: IncidentsReader,
  ) {}

  onModuleInit(): void {
    this.bus.on('incident.changed', ({ ids }) => this.broadcast(ids));
    this.hub.addReplaySource((since) => this.replay(since));
  }

  /** An incident that is gone is told as `{id, deleted: true}`. */
  private async broadcast(ids: readonly string[]): Promise<void> {
    if (!this.hub.hasClients) return;
    const incidents = new Map((await this.reader.byIds(ids)).map((incident) => [incident.id, incident]));
    for (const id of ids) this.hub.broadcast('incident', incidents.get(id) ?? { id, deleted: true });
  }

  private async replay(since: Date): Promise<PastEvent[]> {
    const changed = await this.reader.changedSince(since, MAX_REPLAYED);
    return changed.map((incident) => ({ event: 'incident', data: incident, at: incident.updated_at }));
  }
}
