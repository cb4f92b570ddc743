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
    this.bus.on('endpoint.status_changed', (change) => this.hub.broadcast('service_status_change', change));
    this.hub.addReplaySource((since) => this.changesSince(since));
  }

  /** What a client missed: each interval began with a change from the one that ended then. */
  private async changesSince(since: Date): Promise<PastEvent[]> {
    const rows = await this.dataSource.query<PastChange[]>(
      `SELECT i.endpoint_id, e.name, before.state AS "from", i.state AS "to", i.started_at AS at
       FROM endpoint_state_intervals before
       JOIN endpoint_state_intervals i ON i.endpoint_id = before.endpoint_id AND i.started_at = before.ended_at
       JOIN endpoints e ON e.id = i.endpoint_id
       WHERE before.ended_at > $1
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
