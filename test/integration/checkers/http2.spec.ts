import { createSecureServer, createServer, type ServerHttp2Stream } from 'node:http2';
import { createServer as createHttps } from 'node:https';
import type { IncomingHttpHeaders } from 'node:http';
import { httpChecker } from '../../../src/modules/monitoring/checkers/http.checker.js';
import { CA, certificate, check } from './checking.js';
import { listen, type Listening, listenRaw } from './listening.js';

const options = { ca_certificate: CA, http_version: '2' };

interface Seen {
  headers: IncomingHttpHeaders;
  body: string;
}

describe('HTTP/2', () => {
  let secure: Listening;
  let plain: Listening;
  const seen: Seen[] = [];

  const serve = (stream: ServerHttp2Stream, headers: IncomingHttpHeaders): void => {
    const { pathname, searchParams } = new URL(headers[':path'] as string, 'https://any');
    stream.on('error', () => undefined);
    const chunks: Buffer[] = [];
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    if (pathname === '/reset') return stream.close(2);
    if (pathname === '/silent') {
      stream.session!.destroy();
      return;
    }
    if (pathname === '/hang') return;
    if (pathname === '/cut') {
      stream.respond({ ':status': 200 });
      stream.write('half', () => stream.session!.destroy());
      return;
    }
    if (pathname === '/endless') {
      stream.respond({ ':status': 200 });
      const more = (): void => void (stream.destroyed || stream.write(Buffer.alloc(65_536), more));
      return more();
    }
    stream.on('end', () => {
      seen.push({ headers, body: Buffer.concat(chunks).toString() });
      const to = searchParams.get('to');
      stream.respond(to ? { ':status': 302, location: to } : { ':status': 200, 'x-kind': 'two' });
      stream.end('{"version":2}');
    });
  };

  beforeAll(async () => {
    const encrypted = createSecureServer({ ...certificate('valid'), allowHTTP1: false });
    encrypted.on('stream', serve);
    secure = await listen(encrypted);
    const open = createServer();
    open.on('stream', serve);
    plain = await listen(open);
  });
  beforeEach(() => seen.splice(0));
  afterEach(() => Promise.all([secure.untilLeft(), plain.untilLeft()]));
  afterAll(() => Promise.all([secure.close(), plain.close()]));

  it('asks and measures', async () => {
    const result = await check(httpChecker, `https://app.test:${secure.port}/path?q=1`, {
      options,
      method: 'POST',
      body: '{"ö":1}',
      headers: { 'X-Trace': 'a', Connection: 'keep-alive' },
      auth: { type: 'bearer', token: 'secret' },
      assertions: [
        { type: 'json', path: '$.version', operator: 'equals', value: 2, soft: false },
        { type: 'header', name: 'X-Kind', operator: 'equals', value: 'two', soft: false },
      ],
    });
    expect(result).toMatchObject({ ok: true, error: null, status_code: 200, certificate: { trusted: true } });
    expect(result.phases).toEqual({
      dns: expect.any(Number),
      connect: expect.any(Number),
      tls: expect.any(Number),
      first_byte: expect.any(Number),
      download: expect.any(Number),
    });
    expect(seen[0]).toMatchObject({
      body: '{"ö":1}',
      headers: {
        ':method': 'POST',
        ':path': '/path?q=1',
        ':authority': `app.test:${secure.port}`,
        authorization: 'Bearer secret',
        'content-length': '8',
        'x-trace': 'a',
      },
    });
  });

  it('follows redirects', async () => {
    const result = await check(httpChecker, `https://app.test:${secure.port}/?to=/final`, { options });
    expect(result).toMatchObject({ ok: true, status_code: 200 });
    expect(seen.map(({ headers }) => headers[':path'])).toEqual(['/?to=/final', '/final']);
    const loop = await check(httpChecker, `https://app.test:${secure.port}/?to=http://169.254.169.254/`, {
      options,
    });
    expect(loop.error).toBe('Refused: 169.254.169.254 is a cloud metadata address');
  });

  it('is taken for granted without TLS', async () => {
    const result = await check(httpChecker, `http://app.test:${plain.port}/`, { options });
    expect(result).toMatchObject({ ok: true, status_code: 200, certificate: null });
  });

  it.each([
    ['/silent', 'Connection closed without an answer'],
    ['/reset', 'HTTP/2: Stream closed with error code NGHTTP2_INTERNAL_ERROR'],
    ['/cut', 'Connection closed in the middle of the answer'],
    ['/hang', 'Timed out after 300ms (waiting for the answer)'],
  ])('%s fails', async (path, error) => {
    const url = `https://app.test:${secure.port}${path}`;
    expect(await check(httpChecker, url, { options, timeout_ms: 300 })).toMatchObject({ ok: false, error });
  });

  it('reads an endless answer up to the limit', async () => {
    const url = `https://app.test:${secure.port}/endless`;
    expect(await check(httpChecker, url, { options })).toMatchObject({ ok: true, status_code: 200 });
  });

  it('says when a server does not speak it', async () => {
    const old = await listen(createHttps(certificate('valid'), (_, response) => response.end('ok')));
    const url = `https://app.test:${old.port}/`;
    expect((await check(httpChecker, url, { options })).error).toBe('The server does not offer HTTP/2');
    await old.untilLeft();
    await old.close();
    const babble = await listenRaw((socket) => socket.end('SSH-2.0-hello\r\n'));
    const result = await check(httpChecker, `http://127.0.0.1:${babble.port}/`, { options });
    expect(result).toMatchObject({ ok: false, error: expect.stringMatching(/^HTTP\/2: /) });
    await babble.untilLeft();
    await babble.close();
  });
});
