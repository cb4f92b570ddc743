import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';

/** A server to be watched, that can be stopped and started on the same port. */
export class TargetServer {
  hits = 0;
  status = 200;
  private server: Server | undefined;
  private port = 0;

  static async start(): Promise<TargetServer> {
    const target = new TargetServer();
    await target.resume();
    return target;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}/`;
  }

  async resume(): Promise<void> {
    const listener: RequestListener = (_request, response) => {
      this.hits++;
      response.writeHead(this.status).end('ok');
    };
    this.server = createServer(listener).listen(this.port, '127.0.0.1');
    await once(this.server, 'listening');
    this.port = (this.server.address() as { port: number }).port;
  }

  async stop(): Promise<void> {
    if (!this.server?.listening) return;
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }
}
