import net, { type AddressInfo } from 'node:net';
import { waitFor } from '../../support/wait-for.js';

/** A server of a test, and who has come to it. */
export interface Listening {
  port: number;
  /** Connections so far. */
  count(): number;
  /** Ends well when all clients have gone. */
  untilLeft(): Promise<void>;
  close(): Promise<void>;
}

/** Listens on a free port of `host` and counts TCP connections. */
export async function listen(server: net.Server, host = '127.0.0.1', port = 0): Promise<Listening> {
  const sockets = new Set<net.Socket>();
  let count = 0;
  server.on('connection', (socket: net.Socket) => {
    count++;
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.once('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    count: () => count,
    untilLeft: () =>
      waitFor('the sockets to be closed', async () => (await connectionsOf(server)) === 0, 3_000).then(
        () => undefined,
      ),
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** A server that does `talk` with each connection. */
export function listenRaw(talk: (socket: net.Socket) => void): Promise<Listening> {
  return listen(
    net.createServer((socket) => {
      socket.on('error', () => undefined);
      // Whoever does not read never hears that the other side has gone.
      socket.resume();
      talk(socket);
    }),
  );
}

function connectionsOf(server: net.Server): Promise<number> {
  return new Promise((resolve, reject) =>
    server.getConnections((error, count) => (error ? reject(error) : resolve(count))),
  );
}
