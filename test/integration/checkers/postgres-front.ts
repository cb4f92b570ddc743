import net from 'node:net';
import { TLSSocket } from 'node:tls';
import { serverUrl } from '../../support/test-database.js';
import { certificate } from './checking.js';
import { listen, type Listening } from './listening.js';

const SSL_REQUEST_BYTES = 8;
const SSL_REQUEST_CODE = 80_877_103;

/** Where the server of the test run listens: a Unix socket, which knows no TLS. */
export function serverSocket(): string {
  return `${new URL(serverUrl()).searchParams.get('host')}/.s.PGSQL.5432`;
}

/**
 * The server of the test run at a TCP port, as a pooler would put it there: with TLS when it is to have it. `seen` are
 * the kinds of connections that came.
 */
export async function postgresFront(withTls: boolean): Promise<Listening & { seen: string[] }> {
  const seen: string[] = [];
  const front = net.createServer((socket) => {
    socket.once('data', (first: Buffer) => {
      const wantsTls = first.length === SSL_REQUEST_BYTES && first.readInt32BE(4) === SSL_REQUEST_CODE;
      if (!wantsTls) {
        seen.push('plain');
        return join(socket, first);
      }
      seen.push(withTls ? 'TLS' : 'no TLS');
      socket.write(withTls ? 'S' : 'N');
      join(withTls ? new TLSSocket(socket, { isServer: true, ...certificate('valid') }) : socket);
    });
  });
  return { ...(await listen(front)), seen };
}

function join(client: net.Socket, first?: Buffer): void {
  const server = net.connect(serverSocket());
  for (const socket of [client, server]) socket.on('error', () => undefined);
  if (first) server.write(first);
  client.pipe(server).pipe(client);
  client.once('close', () => server.destroy());
  server.once('close', () => client.destroy());
}
