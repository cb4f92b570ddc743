import { type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http';
import net, { isIP } from 'node:net';
import tls from 'node:tls';
import type { GuardedResolver } from '../../../common/outgoing/guarded-resolver.js';
import type { PhaseClock } from './phase-clock.js';

/** More of an answer than this is not read: a check must not become a download. */
const MAX_BODY_BYTES = 1024 * 1024;
const MAX_HEADER_BYTES = 32 * 1024;

/** Shared for its trusted roots only. No session is ever resumed: each check makes a full handshake. */
const SECURE_CONTEXT = tls.createSecureContext();

/** One request of a check: the first, or one that a redirect leads to. */
export interface HopRequest {
  url: URL;
  method: string;
  headers: Readonly<Record<string, string>>;
  body: string | null;
  verify_tls: boolean;
}

export interface HopAnswer {
  status_code: number;
  location: string | undefined;
}

/** Given the function that stops a hop, so that the deadline of the whole check can call it. */
export type OnStoppable = (stop: (reason: Error) => void) => void;

/**
 * Sends one request on a socket of its own and reads the answer to its end.
 * No agent is involved: sockets are never kept or shared, which would hide failures of new connections.
 */
export function sendHop(
  hop: HopRequest,
  resolver: GuardedResolver,
  clock: PhaseClock,
  onStoppable: OnStoppable,
): Promise<HopAnswer> {
  return new Promise((resolve, reject) => {
    const host = hostOf(hop.url);
    resolver.assertHostAllowed(host);
    clock.begin(isIP(host) ? 'connecting' : 'resolving the name');
    const request = httpRequest({
      method: hop.method,
      path: hop.url.pathname + hop.url.search,
      headers: hop.headers,
      maxHeaderSize: MAX_HEADER_BYTES,
      createConnection: () => connect(hop, host, resolver, clock),
    });
    onStoppable((reason) => {
      reject(reason);
      request.destroy();
    });
    request.on('error', reject);
    request.on('response', (response) => {
      clock.mark('first_byte', 'reading the answer');
      readToEnd(request, response, reject, () => {
        clock.mark('download', 'reading the answer');
        resolve({ status_code: response.statusCode!, location: response.headers.location });
      });
    });
    request.end(hop.body ?? undefined);
  });
}

/** The host of a URL as sockets take it: IPv6 addresses without brackets. */
export function hostOf(url: URL): string {
  return url.hostname.startsWith('[') ? url.hostname.slice(1, -1) : url.hostname;
}

function connect(hop: HopRequest, host: string, resolver: GuardedResolver, clock: PhaseClock): net.Socket {
  const secure = hop.url.protocol === 'https:';
  const port = Number(hop.url.port) || (secure ? 443 : 80);
  const where = { host, port, lookup: resolver.lookup };
  const socket = secure
    ? tls.connect({
        ...where,
        servername: isIP(host) ? undefined : host,
        rejectUnauthorized: hop.verify_tls,
        secureContext: SECURE_CONTEXT,
        ALPNProtocols: ['http/1.1'],
      })
    : net.connect(where);
  if (!isIP(host)) socket.once('lookup', () => clock.mark('dns', 'connecting'));
  socket.once('connect', () => clock.mark('connect', secure ? 'TLS handshake' : 'waiting for the answer'));
  if (secure) socket.once('secureConnect', () => clock.mark('tls', 'waiting for the answer'));
  return socket;
}

function readToEnd(
  request: ClientRequest,
  response: IncomingMessage,
  onError: (error: Error) => void,
  onEnd: () => void,
): void {
  let bytes = 0;
  response.on('error', onError);
  response.on('end', onEnd);
  response.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes <= MAX_BODY_BYTES) return;
    onEnd();
    request.destroy();
  });
}
