import { connect, type ClientHttp2Session, type IncomingHttpHeaders } from 'node:http2';
import type net from 'node:net';
import { TLSSocket } from 'node:tls';
import { z } from 'zod';
import type { Attempt } from './attempt.js';
import { CheckFailure } from './check-failure.js';
import type { Answer, Checker, CheckTarget } from './checker.js';
import { decodeHealthResponse, encodeHealthRequest, statusName } from './grpc-health.js';
import { requestHeaders } from './request-headers.js';
import { addressOf } from './target-address.js';
import { TLS_SECRETS, tlsOptions, tlsSettings } from './tls-options.js';

const MAX_ANSWER_BYTES = 65_536;
const MAX_SHOWN = 200;

const SCHEMES = { 'grpc:': 50_051, 'grpcs:': 443 };

const options = z.strictObject({
  ...tlsOptions,
  service: z
    .string()
    .max(500)
    .default('')
    .describe(
      'Full name of the service that is asked about, `package.Service`. Empty: the server as a whole.',
    ),
});

export type GrpcOptions = z.output<typeof options>;

/** A gRPC server, asked by the health checking protocol (grpc.health.v1). Headers are sent as metadata. */
export const grpcChecker: Checker<GrpcOptions> = {
  schemes: SCHEMES,
  options,
  secret_options: TLS_SECRETS,
  auth: ['basic', 'bearer'],
  asserts: ['body', 'header', 'certificate_days'],
  async probe(target, attempt) {
    const { protocol, host } = new URL(target.url);
    const secure = protocol === 'grpcs:';
    const socket = await attempt.connect(
      addressOf(target.url, SCHEMES),
      secure ? tlsSettings(target, ['h2']) : undefined,
    );
    if (socket instanceof TLSSocket && socket.alpnProtocol !== 'h2') {
      throw new CheckFailure('The server does not offer HTTP/2');
    }
    const origin = new URL(`${secure ? 'https' : 'http'}://${host}`);
    const reply = await call(origin, target, socket, attempt);
    attempt.clock.mark('download', 'reading the answer');
    return judge(reply, target.options.service);
  },
};

interface GrpcReply {
  headers: IncomingHttpHeaders;
  trailers: IncomingHttpHeaders;
  body: Buffer;
}

async function call(
  origin: URL,
  target: CheckTarget<GrpcOptions>,
  socket: net.Socket,
  attempt: Attempt,
): Promise<GrpcReply> {
  const session = connect(origin, {
    createConnection: () => socket,
    settings: { enablePush: false },
  });
  try {
    return await attempt.wait<GrpcReply>((resolve, reject) => {
      session.on('error', (error) => reject(unlessHttp2(error)));
      request(session, metadata(origin, target), target, attempt).then(resolve, reject);
    });
  } finally {
    session.destroy();
  }
}

function request(
  session: ClientHttp2Session,
  headers: Record<string, string>,
  { options: { service } }: CheckTarget<GrpcOptions>,
  attempt: Attempt,
): Promise<GrpcReply> {
  return new Promise((resolve, reject) => {
    const stream = session.request(headers);
    const reply: GrpcReply = { headers: {}, trailers: {}, body: Buffer.alloc(0) };
    let begun = false;
    stream.on('response', (received) => {
      begun = true;
      reply.headers = received;
      attempt.clock.mark('first_byte', 'reading the answer');
    });
    stream.on('trailers', (trailers) => (reply.trailers = trailers));
    stream.on('data', (chunk: Buffer) => {
      reply.body = Buffer.concat([reply.body, chunk]);
      if (reply.body.length > MAX_ANSWER_BYTES) reject(new CheckFailure('The answer is too long'));
    });
    stream.on('error', (error) => reject(unlessHttp2(error)));
    stream.on('close', () => (begun ? resolve(reply) : reject(new Error('socket hang up'))));
    stream.end(encodeHealthRequest(service));
  });
}

function metadata({ protocol, host }: URL, target: CheckTarget<GrpcOptions>): Record<string, string> {
  const own = Object.entries(requestHeaders(target, {}));
  return {
    ...Object.fromEntries(own.map(([name, value]) => [name.toLowerCase(), value])),
    ':method': 'POST',
    ':scheme': protocol.slice(0, -1),
    ':authority': host,
    ':path': '/grpc.health.v1.Health/Check',
    te: 'trailers',
    'content-type': 'application/grpc',
    'grpc-timeout': `${target.timeout_ms}m`,
  };
}

function judge({ headers, trailers, body }: GrpcReply, service: string): Answer {
  const status = headers[':status'];
  // An answer without a message has its status among the headers ("Trailers-Only").
  const code = statusOf(trailers['grpc-status'] ?? headers['grpc-status']);
  const isGrpc = headers['content-type']?.startsWith('application/grpc') ?? false;
  if (!isGrpc) return { failure: `The server does not speak gRPC here (HTTP ${Number(status)})`, headers };
  if (code === undefined) throw new CheckFailure('The answer ends without a gRPC status');
  const serving = code === 0 ? decodeHealthResponse(body) : undefined;
  const failure =
    code === 0
      ? notServing(serving, service)
      : refusal(code, readMessage(trailers['grpc-message'] ?? headers['grpc-message']), service);
  return { failure, status_code: code, headers: { ...headers, ...trailers }, text: serving };
}

/** A number as the protocol writes it; no server needs more digits. */
function statusOf(given: string | string[] | undefined): number | undefined {
  return /^\d{1,3}$/.test(String(given)) ? Number(given) : undefined;
}

function notServing(status: string | undefined, service: string): string | null {
  const name = nameOf(service);
  switch (status) {
    case 'SERVING':
      return null;
    case 'NOT_SERVING':
      return `${capitalised(name)} is not serving`;
    case 'SERVICE_UNKNOWN':
      return `The server does not know ${name}`;
    case undefined:
      return 'The answer is no health report';
    default:
      return `${capitalised(name)} does not know whether it is serving (${status})`;
  }
}

function refusal(code: number, message: string, service: string): string {
  const said = message ? `: ${message}` : '';
  switch (statusName(code)) {
    case 'NOT_FOUND':
      return `The server does not know ${nameOf(service)}`;
    case 'UNIMPLEMENTED':
      return 'The server does not offer health checks (grpc.health.v1)';
    case 'UNAUTHENTICATED':
    case 'PERMISSION_DENIED':
      return `Login refused${said}`;
    default:
      return `gRPC status ${code} ${statusName(code)}${said}`;
  }
}

function nameOf(service: string): string {
  return service === '' ? 'the server' : `the service ${service}`;
}

function capitalised(words: string): string {
  return words[0]!.toUpperCase() + words.slice(1);
}

/** Percent-encoded, by the server at least. */
function readMessage(encoded: string | string[] | undefined): string {
  const text = String(encoded ?? '');
  try {
    return decodeURIComponent(text).slice(0, MAX_SHOWN);
  } catch {
    return text.slice(0, MAX_SHOWN);
  }
}

/** What HTTP/2 finds fault with is mostly a server that speaks something else. */
function unlessHttp2(error: NodeJS.ErrnoException): Error {
  return error.code === 'ERR_HTTP2_ERROR' ? new CheckFailure('The server does not speak HTTP/2') : error;
}
