import { request as httpRequest } from 'node:http';
import type net from 'node:net';
import { z } from 'zod';
import { UnusableHost } from '../../../common/outgoing/guarded-resolver.js';
import type { Attempt, SocketAddress } from './attempt.js';
import { CheckFailure } from './check-failure.js';
import { describeFailure } from './failure-words.js';
import { hostOf } from './target-address.js';

/** The option that names a proxy; secret, because it may hold a password. */
export const proxyOption = z
  .string()
  .max(2_048)
  .refine(isProxyAddress, 'must be an address such as http://user:password@proxy.example:3128')
  .optional()
  .describe(
    'An HTTP proxy to go through, `http://user:password@host:port`. The name of the endpoint is then looked up by ' +
      'the proxy: the address guard sees the address of the proxy, and of the endpoint only what its URL says.',
  );

/** Connects to the proxy. Its failures are told apart from those of the endpoint. */
export async function connectToProxy(proxy: URL, attempt: Attempt): Promise<net.Socket> {
  try {
    return await attempt.connect({ host: hostOf(proxy), port: Number(proxy.port) || 80 });
  } catch (error) {
    throw asFailureOfProxy(error, attempt);
  }
}

/** A connection to `to` through the proxy (CONNECT, RFC 9110, 9.3.6). */
export async function openTunnel(proxy: URL, to: SocketAddress, attempt: Attempt): Promise<net.Socket> {
  const socket = await connectToProxy(proxy, attempt);
  attempt.clock.stage = 'waiting for the proxy';
  const authority = `${to.host.includes(':') ? `[${to.host}]` : to.host}:${to.port}`;
  const request = httpRequest({
    method: 'CONNECT',
    path: authority,
    headers: { Host: authority, ...proxyHeaders(proxy) },
    createConnection: () => socket,
  });
  try {
    await attempt.wait<void>((resolve, reject) => {
      request.on('error', reject);
      request.on('connect', ({ statusCode, statusMessage }, _, head: Buffer) => {
        if (statusCode !== 200) reject(new CheckFailure(`Proxy: ${statusCode} ${statusMessage}`));
        if (head.length > 0) socket.unshift(head);
        resolve();
      });
      request.end();
    });
  } catch (error) {
    throw asFailureOfProxy(error, attempt);
  }
  attempt.clock.mark('connect', 'waiting for the answer');
  attempt.host = to.host;
  return socket;
}

/** What a proxy wants to know. */
export function proxyHeaders({ username, password }: URL): Record<string, string> {
  if (username === '' && password === '') return {};
  const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { 'Proxy-Authorization': `Basic ${Buffer.from(credentials).toString('base64')}` };
}

function asFailureOfProxy(error: unknown, attempt: Attempt): unknown {
  if (error instanceof CheckFailure || error instanceof UnusableHost) return error;
  const { text, ours } = describeFailure(error, attempt.host);
  return ours ? error : new CheckFailure(`Proxy: ${text}`);
}

function isProxyAddress(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, pathname, search, hash, username, password } = new URL(text);
  return protocol === 'http:' && pathname + search + hash === '/' && canDecode(username + password);
}

function canDecode(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}
