import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Principal } from '../common/access.js';
import { isRefusal, type Refusal, SocketAdmission } from './socket-admission.js';
import { type Frame, type SocketClient, SocketHub } from './socket-hub.js';

const PATH = '/ws';
const SOCKET_IO_PATH = '/socket.io/';
const MAX_MESSAGE_BYTES = 16 * 1024;
/** Bytes that may wait for a client before it is dropped. */
const MAX_WAITING_BYTES = 1024 * 1024;
const PING_MS = 30_000;
const POLICY_VIOLATION = 1008;
const GOING_AWAY = 1001;

/** Plain WebSocket at `/ws?token=…&since=…`: frames `{"type", "data"}`. What clients send is ignored. */
@Injectable()
export class PlainSocketServer implements OnApplicationBootstrap, OnModuleDestroy {
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

  onModuleDestroy(): void {
    clearInterval(this.ping);
    for (const socket of this.server.clients) socket.close(GOING_AWAY);
    this.server.close();
  }

  private upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const url = new URL(request.url ?? '/', 'http://localhost');
    if (url.pathname.startsWith(SOCKET_IO_PATH)) return;
    socket.on('error', () => socket.destroy());
    if (url.pathname.replace(/\/$/, '') !== PATH) return refuse(socket, '404 Not Found');
    void this.handshake(request, socket, head, url.searchParams);
  }

  private async handshake(
    request: IncomingMessage,
    socket: Duplex,
    head: Buffer,
    query: URLSearchParams,
  ): Promise<void> {
    const answer = await this.admission.admit({
      token: query.get('token') ?? undefined,
      cookie: request.headers.cookie,
    });
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

  send(frame: Frame): void {
    if (this.connection.bufferedAmount > MAX_WAITING_BYTES) this.connection.terminate();
    else this.connection.send(frame.text);
  }

  close(reason: string): void {
    this.connection.close(POLICY_VIOLATION, reason);
  }
}

function refuse(socket: Duplex, status: string): void {
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}

function statusLine({ status, message }: Refusal): string {
  return `${status} ${message}`;
}
