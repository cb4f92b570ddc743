import { type OnGatewayConnection, type OnGatewayInit, WebSocketGateway } from '@nestjs/websockets';
import type { Server, Socket } from 'socket.io';
import type { Principal } from '../common/access.js';
import { isRefusal, SocketAdmission } from './socket-admission.js';
import { type Frame, type SocketClient, SocketHub } from './socket-hub.js';

/** Packets that may wait for a client before it is dropped; each is 100 kB at the very most. */
const MAX_WAITING = 50;

interface Handshake {
  token?: unknown;
  since?: unknown;
}

/** Socket.IO at `/socket.io`: `auth: {token, since?}` or the session cookie. */
@WebSocketGateway()
export class SocketIoGateway implements OnGatewayInit<Server>, OnGatewayConnection<Socket> {
  constructor(
    private readonly admission: SocketAdmission,
    private readonly hub: SocketHub,
  ) {}

  afterInit(server: Server): void {
    server.use((socket, next) => {
      void this.admit(socket).then((refusal) => next(refusal === undefined ? undefined : new Error(refusal)));
    });
  }

  handleConnection(socket: Socket): void {
    const client = new SocketIoClient(socket, (socket.data as { principal: Principal }).principal);
    socket.once('disconnect', () => this.hub.leave(client));
    const { since } = socket.handshake.auth as Handshake;
    void this.hub.join(client, typeof since === 'string' ? since : undefined);
  }

  private async admit(socket: Socket): Promise<string | undefined> {
    const { token } = socket.handshake.auth as Handshake;
    const answer = await this.admission.admit(socket.request, typeof token === 'string' ? token : undefined);
    if (isRefusal(answer)) return answer.message;
    socket.data = { principal: answer };
    return undefined;
  }
}

class SocketIoClient implements SocketClient {
  constructor(
    private readonly socket: Socket,
    readonly principal: Principal,
  ) {}

  get waiting(): number {
    return (this.socket.conn as unknown as { writeBuffer: unknown[] }).writeBuffer.length / MAX_WAITING;
  }

  send({ event, data }: Frame): void {
    this.socket.emit(event, data);
  }

  close(): void {
    this.socket.disconnect(true);
  }

  drop(): void {
    this.socket.disconnect(true);
  }
}
