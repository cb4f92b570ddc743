import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Bus } from '../../realtime/bus.js';
import { type PastEvent, SocketHub } from '../../realtime/socket-hub.js';
import { statusChange } from './integration-view.js';
import { IntegrationsReader } from './integrations.reader.js';

/** Passes changes of health on to sockets, whichever process they were found in. */
@Injectable()
export class IntegrationsListener implements OnModuleInit {
  constructor(
    private readonly bus: Bus,
    private readonly hub: SocketHub,
    private readonly reader: IntegrationsReader,
  ) {}

  onModuleInit(): void {
    this.bus.on('integration.status_changed', (change) =>
      this.hub.broadcast('service_status_change', change),
    );
    this.hub.addReplaySource((since) => this.changesSince(since));
  }

  /** Of several changes that a client missed, the last is told. */
  private async changesSince(since: Date): Promise<PastEvent[]> {
    const rows = await this.reader.changedSince(since);
    return rows.map((row) => ({
      event: 'service_status_change',
      data: statusChange(row),
      at: row.status_since,
    }));
  }
}
