import {
  createSecureServer,
  createServer,
  type IncomingHttpHeaders,
  type ServerHttp2Stream,
} from 'node:http2';
import { createServer as createTlsServer } from 'node:tls';
import { grpcChecker } from '../../../src/modules/monitoring/checkers/grpc.checker.js';
import { CA, certificate, check } from './checking.js';
import { forOneTest } from './for-one-test.js';
import { listen, type Listening, listenRaw } from './listening.js';

interface Reply {
  /** Of the message; none is sent when it is missing. */
  message?: Buffer;
  code?: number;
  words?: string;
}

const SERVING = { message: status(1), code: 0 };

function status(value: number): Buffer {
  return Buffer.from([0, 0, 0, 0, 2, 0x08, value]);
}

/** A health service as gRPC servers have it; what it answers depends on the service that is asked about. */
function answer(
  stream: ServerHttp2Stream,
  replies: Record<string, Reply>,
  seen: Seen[],
  headers: IncomingHttpHeaders,
) {
  const chunks: Buffer[] = [];
  stream.on('error', () => undefined);
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  stream.on('end', () => {
    const body = Buffer.concat(chunks);
    const service = body.subarray(7).toString();
    seen.push({ headers, body });
    const { message, code = 0, words } = replies[service] ?? { code: 5, words: 'unknown service' };
    const trailers = {
      'grpc-status': String(code),
      ...(words && { 'grpc-message': encodeURIComponent(words) }),
    };
    const start = { ':status': 200, 'content-type': 'application/grpc+proto' };
    if (!message) return stream.respond({ ...start, ...trailers }, { endStream: true });
    stream.respond(start, { waitForTrailers: true });
    stream.on('wantTrailers', () => stream.sendTrailers(trailers));
    stream.end(message);
  });
}

interface Seen {
  headers: IncomingHttpHeaders;
  body: Buffer;
}

describe('gRPC health checks over real sockets', () => {
  const running = forOneTest();
  const seen: Seen[] = [];
  const replies: Record<string, Reply> = {
    '': SERVING,
    'shop.Cart': SERVING,
    'shop.Down': { message: status(2), code: 0 },
    'shop.Odd': { message: status(3), code: 0 },
    'shop.New': { message: status(0), code: 0 },
    'shop.Empty': { message: Buffer.alloc(5), code: 0 },
    'shop.More': { message: Buffer.from([0, 0, 0, 0, 6, 0x12, 2, 97, 98, 0x08, 1]), code: 0 },
    'shop.Short': { message: Buffer.from([0, 0, 0, 0, 9, 0x08]), code: 0 },
    'shop.Nonsense': { message: Buffer.from([0, 0, 0, 0, 2, 0xff, 0xff]), code: 0 },
    'shop.None': { code: 0 },
    'shop.Old': { code: 12, words: 'unknown method Check' },
    'shop.Closed': { code: 16, words: 'no token, sorry: 100 %' },
    'shop.Busy': { code: 14, words: 'try later' },
  };
  let server: Listening;
  let secure: Listening;
  let url: string;

  beforeAll(async () => {
    const plain = createServer();
    plain.on('stream', (stream, headers) => answer(stream, replies, seen, headers));
    server = await listen(plain);
    url = `grpc://127.0.0.1:${server.port}`;
    const encrypted = createSecureServer(certificate('valid'));
    encrypted.on('stream', (stream, headers) => answer(stream, replies, seen, headers));
    secure = await listen(encrypted);
  });
  afterAll(() => Promise.all([server.close(), secure.close()]));
  beforeEach(() => void (seen.length = 0));

  it('asks as gRPC does, on a connection of its own', async () => {
    const before = server.count();
    for (let times = 0; times < 2; times++) {
      const result = await check(grpcChecker, url, { options: { service: 'shop.Cart' } });
      expect(result).toMatchObject({ ok: true, status_code: 0, error: null });
      expect(result.phases.first_byte).toBeGreaterThan(0);
    }
    expect(server.count() - before).toBe(2);
    await server.untilLeft();
    expect(seen[0]!.headers).toMatchObject({
      ':method': 'POST',
      ':path': '/grpc.health.v1.Health/Check',
      ':authority': `127.0.0.1:${server.port}`,
      'content-type': 'application/grpc',
      te: 'trailers',
      'grpc-timeout': '5000m',
    });
    expect(seen[0]!.body).toEqual(
      Buffer.concat([Buffer.from([0, 0, 0, 0, 11, 0x0a, 9]), Buffer.from('shop.Cart')]),
    );
  });

  it('sends headers as metadata, and credentials', async () => {
    await check(grpcChecker, url, {
      headers: { 'X-Tenant': 'a' },
      auth: { type: 'bearer', token: 'secret' },
    });
    await check(grpcChecker, url, { auth: { type: 'basic', username: 'me', password: 'secret' } });
    expect(seen[0]!.headers).toMatchObject({ 'x-tenant': 'a', authorization: 'Bearer secret' });
    expect(seen[1]!.headers).toMatchObject({ authorization: `Basic ${btoa('me:secret')}` });
  });

  it.each([
    ['', null, 0],
    ['shop.More', null, 0],
    ['shop.Down', 'The service shop.Down is not serving', 0],
    ['shop.Odd', 'The server does not know the service shop.Odd', 0],
    ['shop.New', 'The service shop.New does not know whether it is serving (UNKNOWN)', 0],
    ['shop.Empty', 'The service shop.Empty does not know whether it is serving (UNKNOWN)', 0],
    ['shop.Short', 'The answer is no health report', 0],
    ['shop.Nonsense', 'The answer is no health report', 0],
    ['shop.None', 'The answer is no health report', 0],
    ['shop.Missing', 'The server does not know the service shop.Missing', 5],
    ['shop.Old', 'The server does not offer health checks (grpc.health.v1)', 12],
    ['shop.Closed', 'Login refused: no token, sorry: 100 %', 16],
    ['shop.Busy', 'gRPC status 14 UNAVAILABLE: try later', 14],
  ])('says what it is told about %j', async (service, error, code) => {
    const result = await check(grpcChecker, url, { options: { service } });
    expect(result).toMatchObject({
      ok: error === null,
      error,
      status_code: code,
      response_time_ms: expect.any(Number),
    });
  });

  it('speaks TLS, and notes the certificate', async () => {
    const address = `grpcs://app.test:${secure.port}`;
    const trusted = await check(grpcChecker, address, { options: { ca_certificate: CA } });
    expect(trusted).toMatchObject({
      ok: true,
      certificate: { trusted: true },
      phases: { tls: expect.any(Number) },
    });
    expect(await check(grpcChecker, address)).toMatchObject({ ok: false, certificate: { trusted: false } });
    expect(await check(grpcChecker, address, { verify_tls: false })).toMatchObject({ ok: true });
    await secure.untilLeft();
  });

  it('says when TLS is there, but no HTTP/2', async () => {
    const other = await running(
      listen(createTlsServer({ ...certificate('valid'), ALPNProtocols: ['http/1.1'] })),
    );
    const silent = await running(listen(createTlsServer(certificate('valid'))));
    const ask = (port: number) => check(grpcChecker, `grpcs://127.0.0.1:${port}`, { verify_tls: false });
    expect(await ask(other.port)).toMatchObject({ ok: false, error: 'The server does not offer HTTP/2' });
    expect(await ask(silent.port)).toMatchObject({ ok: false, error: 'The server does not offer HTTP/2' });
  });

  it('says when the server is a web server', async () => {
    const web = createServer((_, response) =>
      response.writeHead(404, { 'content-type': 'text/html' }).end('no'),
    );
    const listening = await running(listen(web));
    expect(await check(grpcChecker, `grpc://127.0.0.1:${listening.port}`)).toMatchObject({
      ok: false,
      error: 'The server does not speak gRPC here (HTTP 404)',
    });
  });

  it.each<[string, (socket: import('node:net').Socket) => void, RegExp]>([
    ['hangs', () => undefined, /^Timed out after 150ms \(waiting for the answer\)$/],
    ['closes', (socket) => socket.destroy(), /^Connection (closed|reset)/],
    ['closes once asked', (socket) => socket.once('data', () => socket.end()), /^Connection (closed|reset)/],
    [
      'speaks HTTP/1',
      (socket) => socket.once('data', () => socket.write('HTTP/1.1 400 Bad Request\r\n\r\n')),
      /^The server does not speak HTTP\/2$/,
    ],
    [
      'talks nonsense',
      (socket) => socket.write(Buffer.alloc(500, 0xff)),
      /^The server does not speak HTTP\/2$/,
    ],
  ])('is not upset by a server that %s', async (_, talk, error) => {
    const odd = await running(listenRaw(talk));
    const result = await check(grpcChecker, `grpc://127.0.0.1:${odd.port}`, { timeout_ms: 150 });
    expect(result).toMatchObject({ ok: false, error: expect.stringMatching(error) });
    await odd.untilLeft();
  });

  it.each([
    ['nothing', {}],
    ['a number that is no status', { 'grpc-status': '99999' }],
    ['a fraction', { 'grpc-status': '0.5' }],
    ['no number', { 'grpc-status': '' }],
  ])('notices an answer that breaks off, or ends with %s', async (_, trailers) => {
    const broken = createServer();
    broken.on('stream', (stream) => {
      stream.on('error', () => undefined);
      stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
      stream.on('wantTrailers', () => stream.sendTrailers(trailers));
      stream.end(status(1));
    });
    const listening = await running(listen(broken));
    const result = await check(grpcChecker, `grpc://127.0.0.1:${listening.port}`);
    const error = 'The answer ends without a gRPC status';
    expect(result).toMatchObject({ ok: false, error, status_code: null });
  });

  it('notices a connection that breaks off', async () => {
    const broken = createServer();
    broken.on('stream', (stream) => {
      stream.on('error', () => undefined);
      stream.respond({ ':status': 200, 'content-type': 'application/grpc' });
      stream.write(status(1), () => stream.session!.destroy());
    });
    const listening = await running(listen(broken));
    expect(await check(grpcChecker, `grpc://127.0.0.1:${listening.port}`)).toMatchObject({ ok: false });
  });

  it('does not read an answer without end', async () => {
    const endless = createServer();
    endless.on('stream', (stream) => {
      stream.on('error', () => undefined);
      stream.respond({ ':status': 200, 'content-type': 'application/grpc' });
      const more = (): void => {
        while (!stream.destroyed && stream.write(Buffer.alloc(16_384)));
      };
      stream.on('drain', more);
      more();
    });
    const listening = await running(listen(endless));
    expect(await check(grpcChecker, `grpc://127.0.0.1:${listening.port}`)).toMatchObject({
      ok: false,
      error: 'The answer is too long',
    });
  });
});
