import { setTimeout as delay } from 'node:timers/promises';
import { Injectable, Logger, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import type { Principal } from '../common/access.js';
import { parseTime } from '../common/time.js';
import { Bus } from './bus.js';
import type { SocketEvent } from './events.js';
import { SocketStatistics } from './socket-statistics.js';

/** One connected socket, whichever transport carries it. */
export interface SocketClient {
  readonly principal: Principal;
  /** How full its buffer is; at 1 the client is too slow and is dropped. */
  readonly waiting: number;
  send(frame: Frame): void;
  close(goodbye: Goodbye): void;
  /** Without a goodbye: the client does not read what it is sent. */
  drop(): void;
}

/** Why a socket is closed. */
export type Goodbye = 'going away' | 'access ended' | 'try again';

/** One message. `text` is the plain WebSocket’s form, made once for all of them. */
export interface Frame {
  event: SocketEvent;
  data: unknown;
  readonly text: string;
}

/** Something that happened earlier, for a client that was away. */
export interface PastEvent {
  event: SocketEvent;
  data: unknown;
  at: Date;
}

export type ReplaySource = (since: Date) => Promise<PastEvent[]>;

const EXPIRY_SWEEP_MS = 1_000;
/** A client that was away longer than this should load the lists afresh. */
const MAX_REPLAY_MS = 24 * 3_600_000;
const MAX_REPLAYED = 500;
/** How full a client’s buffer may be while it is told what it missed. */
const REPLAY_PACE = 0.5;
const PACE_LOOK_MS = 20;

/** Everybody who listens on this process. */
@Injectable()
export class SocketHub implements OnModuleInit, OnModuleDestroy {
  private readonly logger = new Logger(SocketHub.name);
  private readonly clients = new Set<SocketClient>();
  private readonly replaySources: ReplaySource[] = [];
  private sweep: NodeJS.Timeout | undefined;

  constructor(
    private readonly bus: Bus,
    private readonly statistics: SocketStatistics,
  ) {}

  onModuleInit(): void {
    this.bus.on('access.revoked', ({ kind, id }) =>
      this.closeWhere(({ principal }) => idOf(principal, kind) === id, 'access ended'),
    );
    // Events, and revocations, may have been missed: clients come back with their key and ask since when.
    this.bus.onReconnect(() => this.closeWhere(() => true, 'try again'));
    this.sweep = setInterval(() => this.closeExpired(), EXPIRY_SWEEP_MS).unref();
  }

  onModuleDestroy(): void {
    clearInterval(this.sweep);
    this.closeWhere(() => true, 'going away');
  }

  get hasClients(): boolean {
    return this.clients.size > 0;
  }

  addReplaySource(source: ReplaySource): void {
    this.replaySources.push(source);
  }

  broadcast(event: SocketEvent, data: unknown): void {
    if (!this.hasClients) return;
    const frame = makeFrame(event, data);
    for (const client of this.clients) this.send(client, frame);
  }

  /** Lets a client in, and first tells it what it missed when it says since when. */
  async join(client: SocketClient, since?: string): Promise<void> {
    this.clients.add(client);
    this.statistics.opened();
    const from = since === undefined ? undefined : parseTime(since);
    if (from) await this.replay(client, from);
  }

  leave(client: SocketClient): void {
    if (this.clients.delete(client)) this.statistics.closed();
  }

  private async replay(client: SocketClient, since: Date): Promise<void> {
    const from = new Date(Math.max(since.getTime(), Date.now() - MAX_REPLAY_MS));
    try {
      const past = (await Promise.all(this.replaySources.map((source) => source(from)))).flat();
      past.sort((a, b) => a.at.getTime() - b.at.getTime());
      for (const { event, data } of past.slice(-MAX_REPLAYED)) {
        await this.untilReady(client);
        this.send(client, makeFrame(event, data));
      }
    } catch (error) {
      this.logger.warn(`A client could not be told what it missed: ${(error as Error).message}`);
      client.close('try again');
    }
  }

  /** A client that is told much at once reads it at its own pace. */
  private async untilReady(client: SocketClient): Promise<void> {
    while (this.clients.has(client) && client.waiting > REPLAY_PACE) await delay(PACE_LOOK_MS);
  }

  private send(client: SocketClient, frame: Frame): void {
    if (client.waiting >= 1) client.drop();
    else client.send(frame);
  }

  private closeExpired(): void {
    const now = Date.now();
    this.closeWhere(({ principal }) => (principal.expiresAt?.getTime() ?? Infinity) <= now, 'access ended');
  }

  private closeWhere(matches: (client: SocketClient) => boolean, goodbye: Goodbye): void {
    for (const client of [...this.clients].filter(matches)) {
      // At once: a peer that does not answer the goodbye must not be told more.
      this.leave(client);
      client.close(goodbye);
    }
  }
}

function idOf(principal: Principal, kind: 'api_key' | 'session'): string | undefined {
  if (kind === 'session') return principal.sessionId;
  return principal.kind === 'api_key' ? principal.id : undefined;
}

function makeFrame(event: SocketEvent, data: unknown): Frame {
  let text: string | undefined;
  return {
    event,
    data,
    get text() {
      return (text ??= JSON.stringify({ type: event, data }));
    },
  };
}
