import { Injectable } from '@nestjs/common';
import { Gauge } from 'prom-client';

const sockets = new Gauge({
  name: 'watchkeep_websocket_sessions',
  help: 'Live WebSocket sessions of this process.',
});

/** WebSocket sessions of this process, over both transports. */
@Injectable()
export class SocketStatistics {
  /** Sessions let in since the start. */
  created = 0;
  /** Sessions open now. */
  active = 0;
  /** Handshakes whose token is being looked at. */
  pending = 0;

  /** Sessions that have ended since the start. */
  get disconnected(): number {
    return this.created - this.active;
  }

  opened(): void {
    this.created++;
    sockets.set(++this.active);
  }

  closed(): void {
    sockets.set(--this.active);
  }
}
