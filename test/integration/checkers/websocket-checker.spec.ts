import { createServer, type IncomingMessage, type Server } from 'node:http';
import { createServer as createHttps } from 'node:https';
import { WebSocketServer, type WebSocket } from 'ws';
import { websocketChecker } from '../../../src/modules/monitoring/checkers/websocket.checker.js';
import { type Asked, CA, certificate, check } from './checking.js';
import { listen, type Listening, listenRaw } from './listening.js';

type Assertion = NonNullable<Asked['assertions']>[number];
const contains = (value: string): Assertion => ({ type: 'body', operator: 'contains', value, soft: false });

describe('WebSocket checks', () => {
  let plain: Listening;
  let secure: Listening;
  const seen: IncomingMessage[] = [];
  const goodbyes: number[] = [];

  const talk = (client: WebSocket, request: IncomingMessage): void => {
    seen.push(request);
    client.on('error', () => undefined);
    client.on('close', (code) => goodbyes.push(code));
    const { pathname } = new URL(request.url!, 'http://any');
    if (pathname === '/greet') client.send('hello');
    if (pathname === '/greet-in-pieces') ['he', 'llo'].forEach((piece) => client.send(piece));
    if (pathname === '/json') client.on('message', () => client.send('{"status":"up"}'));
    if (pathname === '/echo') client.on('message', (message: Buffer) => client.send(message.toString()));
    if (pathname === '/binary') client.on('message', () => client.send(Buffer.from('bytes')));
    if (pathname === '/close') client.on('message', () => client.close(1011, 'sorry'));
    if (pathname === '/huge') client.send('x'.repeat(1_000_000));
    if (pathname === '/rude') client.on('message', () => client.terminate());
  };
  const serve = (server: Server): Promise<Listening> => {
    const sockets = new WebSocketServer({
      noServer: true,
      handleProtocols: (offered) => offered.has('v2') && 'v2',
    });
    server.on('upgrade', (request, socket, head) => {
      const { pathname } = new URL(request.url!, 'http://any');
      // Whoever does not read never hears that the other side has gone.
      if (['/forbidden', '/hang', '/wrong'].includes(pathname)) socket.on('end', () => socket.end()).resume();
      if (pathname === '/forbidden') return socket.end('HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n');
      if (pathname === '/hang') return;
      if (pathname === '/wrong') {
        return socket.end(
          'HTTP/1.1 101 Yes\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: no\r\n\r\n',
        );
      }
      sockets.handleUpgrade(request, socket, head, (client) => talk(client, request));
    });
    return listen(server);
  };
  const ask = (path: string, asked: Asked = {}) =>
    check(websocketChecker, `ws://app.test:${plain.port}${path}`, asked);

  beforeAll(async () => {
    plain = await serve(createServer((_, response) => response.end('no socket')));
    secure = await serve(createHttps(certificate('valid')));
  });
  beforeEach(() => {
    seen.splice(0);
    goodbyes.splice(0);
  });
  afterEach(() => Promise.all([plain.untilLeft(), secure.untilLeft()]));
  afterAll(() => Promise.all([plain.close(), secure.close()]));

  it('opens, and closes as one should', async () => {
    const result = await ask('/quiet', {
      headers: { 'X-Trace': 'a' },
      auth: { type: 'basic', username: 'me', password: 'secret' },
      assertions: [{ type: 'header', name: 'Upgrade', operator: 'equals', value: 'websocket', soft: false }],
    });
    expect(result).toMatchObject({ ok: true, error: null, status_code: 101, certificate: null });
    expect(result.phases).toEqual({
      dns: expect.any(Number),
      connect: expect.any(Number),
      tls: null,
      first_byte: expect.any(Number),
      download: null,
    });
    expect(seen[0]!.headers).toMatchObject({
      host: `app.test:${plain.port}`,
      'x-trace': 'a',
      'user-agent': 'Watchkeep (uptime check)',
      authorization: `Basic ${Buffer.from('me:secret').toString('base64')}`,
    });
    await plain.untilLeft();
    expect(goodbyes).toEqual([1000]);
  });

  it('opens over TLS, and records the certificate', async () => {
    const url = `wss://app.test:${secure.port}/echo`;
    const options = { ca_certificate: CA, send: 'ping' };
    const result = await check(websocketChecker, url, { options, assertions: [contains('ping')] });
    expect(result).toMatchObject({ ok: true, certificate: { subject: 'valid', trusted: true } });
    expect(result.phases.tls).toEqual(expect.any(Number));
    const untrusted = await check(websocketChecker, url);
    expect(untrusted).toMatchObject({
      ok: false,
      error: 'Certificate chain is incomplete or its issuer is unknown',
      certificate: { subject: 'valid', trusted: false },
    });
  });

  it.each<[string, string, Assertion[]]>([
    ['/greet', '', [contains('hello')]],
    ['/greet-in-pieces', '', [contains('hello')]],
    ['/echo', 'ping ö', [contains('ping ö')]],
    ['/binary', 'x', [contains('bytes')]],
    ['/json', 'x', [{ type: 'json', path: '$.status', operator: 'equals', value: 'up', soft: false }]],
    ['/echo', 'ping', []],
  ])('reads what %s answers to %j', async (path, send, assertions) => {
    const result = await ask(path, { options: { send }, assertions });
    expect(result).toMatchObject({ ok: true, error: null });
    expect(result.phases.download).toEqual(expect.any(Number));
    expect(result.response_time_ms).toBeLessThan(900);
  });

  it('agrees on a subprotocol', async () => {
    expect(await ask('/quiet', { options: { subprotocol: 'v2' } })).toMatchObject({ ok: true });
    expect(await ask('/quiet', { options: { subprotocol: 'v1' } })).toMatchObject({
      ok: false,
      error: 'Server sent no subprotocol',
    });
  });

  it.each([
    ['/forbidden', '', 'Expected 101, got 403'],
    ['/hang', '', 'Timed out after 300ms (waiting for the answer)'],
    ['/wrong', '', 'Invalid Sec-WebSocket-Accept header'],
    ['/quiet', 'ping', 'Timed out after 300ms (waiting for the answer)'],
    ['/close', 'ping', 'Closed without an answer (code 1011)'],
    ['/rude', 'ping', 'Closed without an answer (code 1006)'],
  ])('%s after %j fails', async (path, send, error) => {
    expect(await ask(path, { options: { send }, timeout_ms: 300 })).toMatchObject({ ok: false, error });
  });

  it('takes no message that is too long', async () => {
    expect(await ask('/huge', { assertions: [contains('y')] })).toMatchObject({
      ok: false,
      error: 'The server sent a message that is too long',
    });
  });

  it('says what is wrong with a server that speaks something else', async () => {
    const http = await listen(createServer((_, response) => response.end('hello')));
    expect((await check(websocketChecker, `ws://app.test:${http.port}/`)).error).toBe(
      'Expected 101, got 200',
    );
    const ssh = await listenRaw((socket) => socket.end('SSH-2.0-hello\r\n'));
    expect((await check(websocketChecker, `ws://app.test:${ssh.port}/`)).error).toBe(
      'The answer is not valid HTTP',
    );
    for (const server of [http, ssh]) {
      await server.untilLeft();
      await server.close();
    }
    expect((await check(websocketChecker, `ws://app.test:${ssh.port}/`)).error).toBe('Connection refused');
  });
});
