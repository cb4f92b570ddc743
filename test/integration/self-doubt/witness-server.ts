import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';

/** A witness on this machine that can fall silent and come back on the same port. */
export class WitnessServer {
  visits = 0;
  /** Bytes that it was sent; a witness is sent nothing. */
  received = 0;
  private server: Server | undefined;
  private readonly sockets = new Set<Socket>();
  private port = 0;

  static async start(): Promise<WitnessServer> {
    const witness = new WitnessServer();
    await witness.resume();
    return witness;
  }

  get target(): string {
    return `127.0.0.1:${this.port}`;
  }

  async resume(): Promise<void> {
    this.server = createServer((socket) => {
      this.visits++;
      this.sockets.add(socket);
      socket.on('data', (data) => (this.received += data.length));
      socket.on('error', () => undefined);
      socket.on('close', () => this.sockets.delete(socket));
    }).listen(this.port, '127.0.0.1');
    await once(this.server, 'listening');
    this.port = (this.server.address() as { port: number }).port;
  }

  async stop(): Promise<void> {
    if (!this.server?.listening) return;
    for (const socket of this.sockets) socket.destroy();
    this.server.close();
    await once(this.server, 'close');
  }
}
