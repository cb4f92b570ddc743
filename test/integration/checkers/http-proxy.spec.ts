import { createServer, type IncomingMessage, request } from 'node:http';
import { createServer as createHttps } from 'node:https';
import net from 'node:net';
import { createSecureServer } from 'node:http2';
import { httpChecker } from '../../../src/modules/monitoring/checkers/http.checker.js';
import { CA, certificate, check, resolverOf } from './checking.js';
import { listen, type Listening, listenRaw } from './listening.js';

/** A proxy that takes every name for this machine. */
function makeProxy(seen: Pick<IncomingMessage, 'method' | 'url' | 'headers'>[], password: string) {
  const wanted = `Basic ${Buffer.from(`me:${password}`).toString('base64')}`;
  const server = createServer((incoming, outgoing) => {
    seen.push(incoming);
    if (incoming.headers['proxy-authorization'] !== wanted) return outgoing.writeHead(407).end();
    const { port, pathname, search } = new URL(incoming.url!);
    const { 'proxy-authorization': _, ...headers } = incoming.headers;
    const onward = request({ host: '127.0.0.1', port, path: pathname + search, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode!, answer.headers);
      answer.pipe(outgoing);
    });
    onward.on('error', () => outgoing.writeHead(502).end());
    onward.end();
  });
  server.on('connect', (incoming: IncomingMessage, client: net.Socket) => {
    seen.push(incoming);
    client.on('error', () => undefined);
    if (incoming.headers['proxy-authorization'] !== wanted) {
      return client.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n');
    }
    const onward = net.connect(Number(new URL(`http://${incoming.url}`).port), '127.0.0.1', () => {
      client.write('HTTP/1.1 200 Connection established\r\n\r\n');
      client.pipe(onward).pipe(client);
    });
    onward.on('error', () => client.end('HTTP/1.1 502 Bad Gateway\r\n\r\n'));
    client.on('close', () => onward.destroy());
    onward.on('close', () => client.destroySoon());
  });
  return server;
}

describe('checks through a proxy', () => {
  const seen: Pick<IncomingMessage, 'method' | 'url' | 'headers'>[] = [];
  const asked: IncomingMessage['headers'][] = [];
  let proxy: Listening;
  let plain: Listening;
  let secure: Listening;
  let second: Listening;
  let options: { proxy: string; ca_certificate: string };

  beforeAll(async () => {
    const answer: Parameters<typeof createServer>[1] = (incoming, outgoing) => {
      asked.push(incoming.headers);
      const to = new URL(incoming.url!, 'http://any').searchParams.get('to');
      outgoing.writeHead(to ? 302 : 200, to ? { Location: to } : {}).end('ok');
    };
    proxy = await listen(makeProxy(seen, 'pä:ss'));
    plain = await listen(createServer(answer));
    secure = await listen(createHttps(certificate('valid'), answer));
    const two = createSecureServer(certificate('valid'));
    two.on('stream', (stream) => {
      stream.respond({ ':status': 200 });
      stream.end('two');
    });
    second = await listen(two);
    options = { proxy: `http://me:p%C3%A4%3Ass@127.0.0.1:${proxy.port}`, ca_certificate: CA };
  });
  beforeEach(() => {
    seen.splice(0);
    asked.splice(0);
  });
  afterEach(() => Promise.all([proxy, plain, secure, second].map((server) => server.untilLeft())));
  afterAll(() => Promise.all([proxy, plain, secure, second].map((server) => server.close())));

  it('asks for plain addresses in full, with its own credentials for the proxy only', async () => {
    const url = `http://unknown.test:${plain.port}/path?q=1`;
    const result = await check(httpChecker, url, { options, auth: { type: 'bearer', token: 'mine' } });
    expect(result).toMatchObject({ ok: true, status_code: 200 });
    expect(seen[0]).toMatchObject({ method: 'GET', url });
    expect(asked[0]).toMatchObject({ authorization: 'Bearer mine', host: `unknown.test:${plain.port}` });
    expect(asked[0]).not.toHaveProperty('proxy-authorization');
  });

  it('goes through a tunnel to secure ones', async () => {
    const result = await check(httpChecker, `https://app.test:${secure.port}/`, { options });
    expect(result).toMatchObject({ ok: true, certificate: { subject: 'valid', trusted: true } });
    expect(result.phases).toMatchObject({ dns: null, connect: expect.any(Number), tls: expect.any(Number) });
    expect(seen).toMatchObject([{ method: 'CONNECT', url: `app.test:${secure.port}` }]);
    expect(JSON.stringify(asked)).not.toContain('roxy');
  });

  it('tells in the tunnel, too, what is wrong with a certificate', async () => {
    const result = await check(httpChecker, `https://wrong.test:${secure.port}/`, { options });
    expect(result).toMatchObject({
      ok: false,
      error: 'Certificate is not valid for wrong.test',
      certificate: { subject: 'valid', trusted: false },
    });
  });

  it('speaks HTTP/2 in the tunnel', async () => {
    const result = await check(httpChecker, `https://app.test:${second.port}/`, {
      options: { ...options, http_version: '2' },
      assertions: [{ type: 'body', operator: 'equals', value: 'two', soft: false }],
    });
    expect(result).toMatchObject({ ok: true, error: null, status_code: 200 });
  });

  it('follows redirects through the proxy', async () => {
    const there = encodeURIComponent(`https://app.test:${secure.port}/`);
    const result = await check(httpChecker, `http://app.test:${plain.port}/?to=${there}`, { options });
    expect(result).toMatchObject({ ok: true, status_code: 200 });
    expect(seen.map(({ method }) => method)).toEqual(['GET', 'CONNECT']);
  });

  it('says what the proxy says', async () => {
    const wrong = { ...options, proxy: `http://me:wrong@127.0.0.1:${proxy.port}` };
    const tunnel = await check(httpChecker, `https://app.test:${secure.port}/`, { options: wrong });
    expect(tunnel).toMatchObject({ ok: false, error: 'Proxy: 407 Proxy Authentication Required' });
    const inFull = await check(httpChecker, `http://app.test:${plain.port}/`, { options: wrong });
    expect(inFull).toMatchObject({ ok: false, error: 'Expected 200-299, got 407' });
    const gone = await listenRaw(() => undefined);
    await gone.close();
    const unreachable = await check(httpChecker, `https://app.test:${gone.port}/`, { options });
    expect(unreachable).toMatchObject({ ok: false, error: 'Proxy: 502 Bad Gateway' });
  });

  it('tells the failures of a proxy from those of the endpoint', async () => {
    const gone = await listenRaw(() => undefined);
    await gone.close();
    const mute = await listenRaw(() => undefined);
    const rude = await listenRaw((socket) => socket.once('data', () => socket.destroy()));
    const odd = await listenRaw((socket) => socket.once('data', () => socket.end('220 smtp\r\n')));
    const through = (port: number, url = 'https://app.test/') =>
      check(httpChecker, url, { options: { proxy: `http://127.0.0.1:${port}` }, timeout_ms: 300 });
    expect((await through(gone.port)).error).toBe('Proxy: Connection refused');
    expect((await through(gone.port, 'http://app.test/')).error).toBe('Proxy: Connection refused');
    expect((await through(rude.port)).error).toBe('Proxy: Connection closed without an answer');
    expect((await through(odd.port)).error).toBe('Proxy: The answer is not valid HTTP');
    expect((await through(mute.port)).error).toBe('Timed out after 300ms (waiting for the proxy)');
    for (const server of [mute, rude, odd]) {
      await server.untilLeft();
      await server.close();
    }
  });

  it('is refused where it leads, and what is asked of it', async () => {
    const refused = async (target: string, through: string, resolver = resolverOf()) =>
      (await check(httpChecker, target, { options: { proxy: through }, resolver })).error;
    expect(await refused('http://app.test/', 'http://169.254.169.254:80')).toBe(
      'Refused: 169.254.169.254 is a cloud metadata address',
    );
    const names = resolverOf({ 'proxy.test': [['169.254.169.254']] });
    expect(await refused('https://app.test/', 'http://proxy.test', names)).toBe(
      'Refused: proxy.test leads to an address that is refused: 169.254.169.254 is a cloud metadata address',
    );
    for (const target of [
      'http://169.254.169.254/',
      'https://169.254.169.254/',
      'https://2852039166/',
      'https://[::ffff:169.254.169.254]/',
      'http://Metadata.Google.Internal/',
    ]) {
      expect(await refused(target, options.proxy)).toMatch(/^Refused: .* is a cloud metadata/);
    }
    expect(seen).toHaveLength(0);
  });

  it.each([
    'https://proxy.test',
    'socks5://proxy.test',
    'proxy.test:80',
    'http://proxy.test/path',
    'http://%ff@a',
  ])('%s is no proxy', (address) => {
    expect(httpChecker.options.safeParse({ proxy: address }).success).toBe(false);
  });
});
