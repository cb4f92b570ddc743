import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo, Server as NetServer, Socket } from 'node:net';

/** A server on a free port of the loopback address, for as long as a test needs it. */
export interface LocalServer {
  port: number;
  url: string;
  close(): Promise<void>;
}

export function startHttp(listener: RequestListener): Promise<LocalServer> {
  return start(createServer(listener), 'http');
}

/** Listens, and when closed drops whatever is still connected. */
export async function start(
  server: Server | NetServer,
  protocol: 'http' | 'https',
  port = 0,
): Promise<LocalServer> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const bound = (server.address() as AddressInfo).port;
  return {
    port: bound,
    url: `${protocol}://127.0.0.1:${bound}/`,
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
