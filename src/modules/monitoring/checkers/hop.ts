import { type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http';
import type { SecureContext } from 'node:tls';
import type { Attempt } from './attempt.js';

const MAX_HEADER_BYTES = 32 * 1024;

/** One request of a check: the first, or one that a redirect leads to. */
export interface HopRequest {
  url: URL;
  method: string;
  headers: Readonly<Record<string, string>>;
  body: string | null;
  verify_tls: boolean;
  /** With a client certificate in it, when one is to be shown. */
  context?: SecureContext;
  /** More of an answer than this is not read: a check must not become a download. */
  max_body_bytes: number;
  /** Whether the text of the answer is wanted. */
  keep_text: boolean;
}

export interface HopAnswer {
  status_code: number;
  headers: IncomingMessage['headers'];
  text: string;
}

/**
 * Sends one request on a socket of its own and reads the answer to its end.
 * No agent is involved: sockets are never kept or shared, which would hide failures of new connections.
 */
export function sendHop(hop: HopRequest, attempt: Attempt): Promise<HopAnswer> {
  return new Promise((resolve, reject) => {
    const socket = openHop(hop, attempt);
    const request = httpRequest({
      method: hop.method,
      path: hop.url.pathname + hop.url.search,
      headers: hop.headers,
      maxHeaderSize: MAX_HEADER_BYTES,
      createConnection: () => socket,
    });
    attempt.onStop((reason) => {
      reject(reason);
      request.destroy();
    });
    request.on('error', reject);
    request.on('response', (response) => {
      attempt.clock.mark('first_byte', 'reading the answer');
      readToEnd(hop, request, response, reject, (text) => {
        attempt.clock.mark('download', 'reading the answer');
        resolve({ status_code: response.statusCode!, headers: response.headers, text });
      });
    });
    request.end(hop.body ?? undefined);
  });
}

/** The host of a URL as sockets take it: IPv6 addresses without brackets. */
export function hostOf(url: URL): string {
  return url.hostname.startsWith('[') ? url.hostname.slice(1, -1) : url.hostname;
}

function openHop(hop: HopRequest, attempt: Attempt) {
  const secure = hop.url.protocol === 'https:';
  const address = { host: hostOf(hop.url), port: Number(hop.url.port) || (secure ? 443 : 80) };
  return secure
    ? attempt.openSecure(address, { verify: hop.verify_tls, protocols: ['http/1.1'], context: hop.context })
    : attempt.open(address);
}

function readToEnd(
  { max_body_bytes, keep_text }: HopRequest,
  request: ClientRequest,
  response: IncomingMessage,
  onError: (error: Error) => void,
  onEnd: (text: string) => void,
): void {
  const chunks: Buffer[] = [];
  let bytes = 0;
  const end = (): void => onEnd(keep_text ? Buffer.concat(chunks).toString('utf8', 0, max_body_bytes) : '');
  response.on('error', onError);
  response.on('end', end);
  response.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (keep_text) chunks.push(chunk);
    if (bytes <= max_body_bytes) return;
    end();
    request.destroy();
  });
}
