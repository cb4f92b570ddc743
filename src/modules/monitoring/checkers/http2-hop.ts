import { connect, constants, type ClientHttp2Session, type IncomingHttpHeaders } from 'node:http2';
import type net from 'node:net';
import { TLSSocket } from 'node:tls';
import type { Attempt } from './attempt.js';
import { CheckFailure } from './check-failure.js';
import { type HopAnswer, type HopRequest, readAnswer } from './exchange.js';

/** Headers that HTTP/2 has other means for, or forbids (RFC 9113, 8.2.2). */
const NOT_IN_HTTP2 = new Set([
  'host',
  'connection',
  'keep-alive',
  'proxy-connection',
  'te',
  'transfer-encoding',
  'upgrade',
]);

/** One request over HTTP/2 on a socket that has agreed to it: over plain TCP both sides must know beforehand. */
export function sendHttp2(hop: HopRequest, socket: net.Socket, attempt: Attempt): Promise<HopAnswer> {
  if (socket instanceof TLSSocket && socket.alpnProtocol !== 'h2') {
    throw new CheckFailure('The server does not offer HTTP/2');
  }
  const session = connect(hop.url.origin, {
    createConnection: () => socket,
    settings: { enablePush: false },
  });
  return attempt
    .wait<HopAnswer>((resolve, reject) => {
      session.on('error', reject);
      session.on('close', () => reject(new Error('socket hang up')));
      exchange(hop, session, attempt, resolve, reject);
    })
    .finally(() => session.destroy());
}

function exchange(
  hop: HopRequest,
  session: ClientHttp2Session,
  attempt: Attempt,
  resolve: (answer: HopAnswer) => void,
  reject: (error: Error) => void,
): void {
  let begun = false;
  const stream = session.request(headersOf(hop), { endStream: hop.body === null });
  stream.on('error', reject);
  stream.on('close', () => reject(new Error(begun ? 'aborted' : 'socket hang up')));
  stream.on('response', (headers: IncomingHttpHeaders) => {
    begun = true;
    attempt.clock.mark('first_byte', 'reading the answer');
    readAnswer(stream, hop, (read) => {
      // A stream that is cut off ends like any other, but for its code.
      if (stream.rstCode !== constants.NGHTTP2_NO_ERROR) return reject(new Error('aborted'));
      attempt.clock.mark('download', 'reading the answer');
      resolve({ status_code: Number(headers[constants.HTTP2_HEADER_STATUS]), headers, ...read });
    });
  });
  if (hop.body !== null) stream.end(hop.body);
}

function headersOf({ url, method, headers, body }: HopRequest): Record<string, string> {
  const entries = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value] as const);
  const host = entries.find(([name]) => name === 'host')?.[1] ?? url.host;
  return {
    [constants.HTTP2_HEADER_METHOD]: method,
    [constants.HTTP2_HEADER_SCHEME]: url.protocol.slice(0, -1),
    [constants.HTTP2_HEADER_AUTHORITY]: host,
    [constants.HTTP2_HEADER_PATH]: url.pathname + url.search,
    ...(body !== null && { 'content-length': String(Buffer.byteLength(body)) }),
    ...Object.fromEntries(entries.filter(([name]) => !NOT_IN_HTTP2.has(name))),
  };
}
