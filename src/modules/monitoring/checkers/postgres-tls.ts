import type net from 'node:net';
import type { Attempt, TlsSettings } from './attempt.js';
import { CheckFailure } from './check-failure.js';
import { NO_POSTGRES } from './postgres-stream.js';

export const POSTGRES_TLS = ['disable', 'prefer', 'require'] as const;
export type PostgresTls = (typeof POSTGRES_TLS)[number];

/** Length and code of an `SSLRequest` (postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-SSL). */
const SSL_REQUEST = Buffer.of(0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f);

/** Goes on with TLS when both sides want it. As with psql, certificates count only where TLS is required. */
export async function negotiateTls(
  socket: net.Socket,
  mode: PostgresTls,
  settings: TlsSettings,
  attempt: Attempt,
): Promise<net.Socket> {
  if (mode === 'disable') return socket;
  const answer = await askForTls(socket, attempt);
  if (answer === 'S')
    return attempt.secure(socket, { ...settings, verify: settings.verify && mode === 'require' });
  if (answer !== 'N') throw new CheckFailure(NO_POSTGRES);
  if (mode === 'require') throw new CheckFailure('The server does not offer TLS');
  return socket;
}

/**
 * What a server says to a request for TLS: `S` or `N`. What comes after that and before the handshake could be anybody’s
 * (CVE-2021-23222): a longer answer is neither.
 */
export async function askForTls(socket: net.Socket, attempt: Attempt): Promise<string> {
  socket.write(SSL_REQUEST);
  try {
    return await attempt.wait<string>((resolve, reject) => {
      socket.once('data', (chunk) => resolve(chunk.toString('latin1')));
      socket.once('error', reject);
      socket.once('close', () => reject(new Error('socket hang up')));
    });
  } finally {
    socket.pause();
  }
}
