import { connect, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { ProbeContext } from './probe-context.js';

/** A TCP connection to an address that the guard lets through; the caller destroys it. */
export function openConnection(host: string, port: number, context: ProbeContext): Promise<Socket> {
  return new Promise((resolve, reject) => {
    context.resolver.assertHostAllowed(host);
    context.stage(`connecting to ${host}:${port}`);
    const socket = connect({ host, port, lookup: context.resolver.lookup, signal: context.signal });
    socket.once('error', reject);
    socket.once('connect', () => {
      socket.off('error', reject);
      // Whoever uses it next listens for themselves; until then a reset must not be an uncaught error.
      socket.on('error', () => undefined);
      resolve(socket);
    });
  });
}

/** Connects to the host of a URL, over TLS for https, and hangs up without a word. */
export async function touch(url: URL, verifyTls: boolean, context: ProbeContext): Promise<void> {
  const secure = url.protocol === 'https:';
  const host = hostOf(url);
  const socket = await openConnection(host, Number(url.port) || (secure ? 443 : 80), context);
  try {
    if (secure) await handshake(socket, host, verifyTls, context);
  } finally {
    socket.destroy();
  }
}

function handshake(socket: Socket, host: string, verifyTls: boolean, context: ProbeContext): Promise<void> {
  context.stage(`TLS handshake with ${host}`);
  return new Promise((resolve, reject) => {
    const servername = isIP(host) ? undefined : host;
    const secured = connectTls({ socket, host, servername, rejectUnauthorized: verifyTls });
    secured.once('secureConnect', resolve);
    secured.once('error', reject);
    socket.once('close', () => reject(new Error('Connection closed during the TLS handshake')));
  });
}

/** The host of a URL as sockets take it: IPv6 addresses without brackets. */
function hostOf(url: URL): string {
  return url.hostname.replace(/^\[|\]$/g, '');
}
