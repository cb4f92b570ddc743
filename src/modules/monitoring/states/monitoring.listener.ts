import { Injectable, type OnModuleInit } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Bus } from '../../../realtime/bus.js';
import { type PastEvent, SocketHub } from '../../../realtime/socket-hub.js';
import type { EndpointState } from '../../../database/entities/endpoint-status.entity.js';
import { statusChange } from './state-changes.js';

const MAX_REPLAYED = 500;

interface PastChange {
  endpoint_id: string;
  name: string;
  from: EndpointState;
  to: EndpointState;
  at: Date;
  flapping: boolean;
}

/** Passes changes of state on to sockets, whichever process they happened in. */
@Injectable()
export class MonitoringListener implements OnModuleInit {
  constructor(
    private readonly bus: Bus,
    private readonly hub: SocketHub,
    private readonly dataSource: DataSource,
  ) {}

  onModuleInit(): void {
    for (const event of ['endpoint.status_changed', 'endpoint.flapping_changed'] as const) {
      this.bus.on(event, (change) => this.hub.broadcast('service_status_change', change));
    }
    this.hub.addReplaySource((since) => this.changesSince(since));
  }

  /**
   * What a client missed: each interval began with a change from the one that ended then. That the time of an endpoint
   * counts as unknown now is no news where its state is held.
   */
  private async changesSince(since: Date): Promise<PastEvent[]> {
    const rows = await this.dataSource.query<PastChange[]>(
      `SELECT i.endpoint_id, e.name, before.state AS "from", i.state AS "to", i.started_at AS at,
         s.flapping
       FROM endpoint_state_intervals before
       JOIN endpoint_state_intervals i ON i.endpoint_id = before.endpoint_id AND i.started_at = before.ended_at
       JOIN endpoints e ON e.id = i.endpoint_id
       JOIN endpoint_status s ON s.endpoint_id = i.endpoint_id
       WHERE before.ended_at > $1 AND (i.ended_at IS NOT NULL OR NOT s.held OR i.state <> 'unknown')
       ORDER BY before.ended_at DESC LIMIT $2`,
      [since, MAX_REPLAYED],
    );
    return rows.map((row) => ({
      event: 'service_status_change',
      data: statusChange({ ...row, at: row.at.getTime() }),
      at: row.at,
    }));
  }
}
