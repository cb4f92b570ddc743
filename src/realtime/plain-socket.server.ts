import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { Injectable, type OnApplicationBootstrap, type BeforeApplicationShutdown } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Principal } from '../common/access.js';
import { isRefusal, type Refusal, SocketAdmission } from './socket-admission.js';
import { type Frame, type Goodbye, type SocketClient, SocketHub } from './socket-hub.js';

const PATH = '/ws';
const SOCKET_IO_PATH = '/socket.io/';
const MAX_MESSAGE_BYTES = 16 * 1024;
/** Bytes that may wait for a client before it is dropped. */
const MAX_WAITING_BYTES = 4 * 1024 * 1024;
const PING_MS = 30_000;
/** RFC 6455, section 7.4.1. */
const CLOSE_CODES: Record<Goodbye, number> = { 'going away': 1001, 'access ended': 1008, 'try again': 1013 };
/** How long a peer may take to answer a goodbye. */
const GOODBYE_MS = 1_000;
const GOODBYE_LOOK_MS = 20;
const BASE = 'http://localhost';

/** Plain WebSocket at `/ws?token=…&since=…`: frames `{"type", "data"}`. What clients send is ignored. */
@Injectable()
export class PlainSocketServer implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly server = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_MESSAGE_BYTES,
    clientTracking: true,
  });
  private ping: NodeJS.Timeout | undefined;

  constructor(
    private readonly host: HttpAdapterHost,
    private readonly admission: SocketAdmission,
    private readonly hub: SocketHub,
  ) {}

  onApplicationBootstrap(): void {
    const http = this.host.httpAdapter?.getHttpServer() as Server | undefined;
    http?.on('upgrade', (request, socket, head) => this.upgrade(request, socket, head));
    this.ping = setInterval(() => this.pingAll(), PING_MS).unref();
  }

  /** The hub has said goodbye by now; a peer that does not answer is not waited for. */
  async beforeApplicationShutdown(): Promise<void> {
    clearInterval(this.ping);
    const deadline = Date.now() + GOODBYE_MS;
    while (this.server.clients.size > 0 && Date.now() < deadline) await delay(GOODBYE_LOOK_MS);
    for (const socket of this.server.clients) socket.terminate();
    this.server.close();
  }

  private upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on('error', () => socket.destroy());
    // A path such as `//` is no URL.
    if (!URL.canParse(request.url ?? '', BASE)) return refuse(socket, '400 Bad Request');
    const url = new URL(request.url ?? '', BASE);
    if (url.pathname.startsWith(SOCKET_IO_PATH)) return;
    if (url.pathname.replace(/\/$/, '') !== PATH) return refuse(socket, '404 Not Found');
    void this.handshake(request, socket, head, url.searchParams);
  }

  private async handshake(
    request: IncomingMessage,
    socket: Duplex,
    head: Buffer,
    query: URLSearchParams,
  ): Promise<void> {
    const answer = await this.admission.admit(request, query.get('token') ?? undefined);
    if (isRefusal(answer)) return refuse(socket, statusLine(answer));
    this.server.handleUpgrade(request, socket, head, (connection) => {
      this.joined(connection, answer, query.get('since') ?? undefined);
    });
  }

  private joined(connection: WebSocket, principal: Principal, since: string | undefined): void {
    const client = new PlainClient(connection, principal);
    connection.on('error', () => connection.terminate());
    connection.on('pong', () => (client.alive = true));
    connection.on('close', () => this.hub.leave(client));
    clients.set(connection, client);
    void this.hub.join(client, since);
  }

  /** A peer that did not answer the last ping is gone. */
  private pingAll(): void {
    for (const connection of this.server.clients) {
      const client = clients.get(connection);
      if (!client?.alive) connection.terminate();
      else {
        client.alive = false;
        connection.ping();
      }
    }
  }
}

const clients = new WeakMap<WebSocket, PlainClient>();

class PlainClient implements SocketClient {
  alive = true;

  constructor(
    private readonly connection: WebSocket,
    readonly principal: Principal,
  ) {}

  get waiting(): number {
    return this.connection.bufferedAmount / MAX_WAITING_BYTES;
  }

  send(frame: Frame): void {
    this.connection.send(frame.text);
  }

  close(goodbye: Goodbye): void {
    this.connection.close(CLOSE_CODES[goodbye], goodbye);
  }

  drop(): void {
    this.connection.terminate();
  }
}

function refuse(socket: Duplex, status: string): void {
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}

function statusLine({ status, message }: Refusal): string {
  return `${status} ${message}`;
}
