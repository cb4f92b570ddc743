import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Bus } from '../../realtime/bus.js';
import type { SocketEvent } from '../../realtime/events.js';
import { type PastEvent, SocketHub } from '../../realtime/socket-hub.js';
import { ErrorsReader } from './errors.reader.js';

/** Most events of a kind that a reconnecting client is told. */
const MAX_REPLAYED = 200;

/** Tells the sockets of this process what happened to errors, whichever process did it. */
@Injectable()
export class ErrorsListener implements OnModuleInit {
  constructor(
    private readonly bus: Bus,
    private readonly hub: SocketHub,
    private readonly reader: ErrorsReader,
  ) {}

  onModuleInit(): void {
    this.bus.on('errors.created', ({ ids }) => this.broadcast('new_error', ids));
    this.bus.on('errors.updated', ({ ids }) => this.broadcast('error_updated', ids));
    this.bus.on('errors.resolved', ({ ids }) => {
      for (const id of ids) this.hub.broadcast('error_resolved', { id });
    });
    this.hub.addReplaySource((since) => this.replay(since));
  }

  /** One query, however many ids; none at all when nobody listens. An error that is gone is told as `{id, deleted: true}`. */
  private async broadcast(event: SocketEvent, ids: readonly string[]): Promise<void> {
    if (!this.hub.hasClients) return;
    const errors = new Map((await this.reader.byIds(ids)).map((error) => [error.id, error]));
    for (const id of ids) {
      const error = errors.get(id);
      if (error) this.hub.broadcast(event, error);
      else if (event === 'error_updated') this.hub.broadcast(event, { id, deleted: true });
    }
  }

  private async replay(since: Date): Promise<PastEvent[]> {
    const [created, regressed, resolved] = await Promise.all([
      this.reader.changedSince('first_seen', since, MAX_REPLAYED),
      this.reader.changedSince('regressed_at', since, MAX_REPLAYED),
      this.reader.changedSince('resolved_at', since, MAX_REPLAYED),
    ]);
    return [
      ...created.map((error) => ({ event: 'new_error' as const, data: error, at: error.first_seen })),
      ...regressed.map((error) => ({
        event: 'error_updated' as const,
        data: error,
        at: error.regressed_at!,
      })),
      ...resolved.map(({ id, resolved_at }) => ({
        event: 'error_resolved' as const,
        data: { id },
        at: resolved_at!,
      })),
    ];
  }
}
