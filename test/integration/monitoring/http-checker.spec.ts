import { readFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import net from 'node:net';
import { AddressGuard } from '../../../src/common/outgoing/address-guard.js';
import type { CheckTarget, Measurement } from '../../../src/modules/monitoring/checkers/checker.js';
import { GuardedResolver } from '../../../src/common/outgoing/guarded-resolver.js';
import { httpChecker, type HttpOptions } from '../../../src/modules/monitoring/checkers/http.checker.js';
import { measure } from '../../../src/modules/monitoring/checkers/measure.js';
import { type LocalServer, start, startHttp } from './local-server.js';

const TARGET: Omit<CheckTarget<HttpOptions>, 'url'> = {
  options: { max_body_kb: 1_024, http_version: '1.1' },
  assertions: [],
  method: 'GET',
  headers: {},
  body: null,
  auth: null,
  timeout_ms: 5_000,
  expected_status_codes: ['200-299'],
  follow_redirects: 5,
  verify_tls: true,
};

/** Names that only these tests know, beside those of the system. */
const NAMES: Record<string, string[]> = {
  'app.test': ['127.0.0.1'],
  'other.test': ['127.0.0.1'],
  'rebound.test': ['169.254.169.254'],
  'mapped.test': ['::ffff:169.254.169.254'],
  'mixed.test': ['169.254.169.254', '127.0.0.1'],
  'private.test': ['10.0.0.1'],
};

function makeResolver(allowPrivate = true): GuardedResolver {
  const resolver = new GuardedResolver(new AddressGuard({ ALLOW_PRIVATE_TARGETS: allowPrivate }));
  resolver.resolveName = async (name) => {
    const addresses = NAMES[name];
    if (!addresses) throw Object.assign(new Error(`getaddrinfo ENOTFOUND ${name}`), { code: 'ENOTFOUND' });
    return addresses.map((address) => ({ address, family: net.isIP(address) }));
  };
  return resolver;
}

const resolver = makeResolver();
const check = (url: string, options: Partial<CheckTarget<HttpOptions>> = {}): Promise<Measurement> =>
  measure(httpChecker, { ...TARGET, ...options, url }, resolver);

/** What the test server last saw. */
interface Seen {
  method: string;
  url: string;
  headers: IncomingMessage['headers'];
  body: string;
}

describe('HTTP checks over real sockets', () => {
  let server: LocalServer;
  let secure: LocalServer;
  let seen: Seen[] = [];
  let connections = 0;

  beforeAll(async () => {
    server = await startHttp((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const { method, url, headers } = request;
        seen.push({ method: method!, url: url!, headers, body: Buffer.concat(chunks).toString() });
        const path = new URL(url!, 'http://any').pathname;
        const query = new URL(url!, 'http://any').searchParams;
        if (path === '/status')
          response.writeHead(Number(query.get('code')), { Location: query.get('to') ?? '/elsewhere' }).end();
        else if (path === '/loop') response.writeHead(302, { Location: '/loop' }).end();
        else if (path === '/hang') response.socket!.once('close', () => undefined);
        else if (path === '/half') response.writeHead(200, { 'Content-Length': '100' }).write('half');
        else if (path === '/cut') {
          response
            .writeHead(200, { 'Content-Length': '100' })
            .write('half', () => response.socket!.destroy());
        } else if (path === '/endless') {
          const more = () => response.write(Buffer.alloc(65_536)) && setImmediate(more);
          response.on('drain', more);
          more();
        } else if (path === '/silent') response.socket!.destroy();
        else response.end('ok');
      });
    });
    const folder = new URL('certificates/', import.meta.url);
    const https = createHttpsServer(
      {
        key: readFileSync(new URL('localhost.key', folder)),
        cert: readFileSync(new URL('localhost.crt', folder)),
      },
      (_, response) => response.end('ok'),
    );
    https.on('secureConnection', () => connections++);
    secure = await start(https, 'https');
  });
  afterAll(() => Promise.all([server.close(), secure.close()]));
  beforeEach(() => {
    seen = [];
  });

  it('measures an answer and its phases', async () => {
    const result = await check(server.url);
    expect(result).toMatchObject({ ok: true, status_code: 200, error: null });
    const { dns, connect, tls, first_byte, download } = result.phases;
    expect(dns).toBeNull();
    expect(tls).toBeNull();
    expect(connect! + first_byte! + download!).toBeGreaterThan(0);
    expect(connect! + first_byte! + download!).toBeLessThanOrEqual(result.response_time_ms!);
    expect(seen[0]!.headers).toMatchObject({ connection: 'close', host: `127.0.0.1:${server.port}` });
  });

  it('measures name lookup and handshake when there are such', async () => {
    const named = await check(`http://app.test:${server.port}/`);
    expect(named.phases.dns).toEqual(expect.any(Number));
    const result = await check(secure.url, { verify_tls: false });
    expect(result).toMatchObject({ ok: true, phases: { dns: null, tls: expect.any(Number) } });
  });

  it('makes a new connection and a new handshake for each check', async () => {
    const before = connections;
    await check(secure.url, { verify_tls: false });
    await check(secure.url, { verify_tls: false });
    expect(connections - before).toBe(2);
  });

  it('sends method, headers, body and credentials', async () => {
    const options = { method: 'POST', headers: { 'X-Trace': 'a', 'user-agent': 'mine' }, body: '{"ö":1}' };
    await check(`${server.url}path?q=1`, {
      ...options,
      auth: { type: 'basic', username: 'me', password: 'pä:ss' },
    });
    await check(server.url, { auth: { type: 'bearer', token: 'secret' } });
    expect(seen[0]).toMatchObject({
      method: 'POST',
      url: '/path?q=1',
      body: '{"ö":1}',
      headers: {
        'x-trace': 'a',
        'user-agent': 'mine',
        'content-length': '8',
        authorization: `Basic ${Buffer.from('me:pä:ss').toString('base64')}`,
      },
    });
    expect(seen[1]!.headers.authorization).toBe('Bearer secret');
  });

  it.each([
    ['200-299', 204, true],
    ['200-299', 404, false],
    ['404', 404, true],
    ['200,401', 401, true],
    ['500-599', 503, true],
    ['200', 301, false],
  ])('expecting %s, %i is %s', async (expected, code, ok) => {
    const options = { expected_status_codes: expected.split(','), follow_redirects: 0 };
    const result = await check(`${server.url}status?code=${code}`, options);
    expect(result).toMatchObject({ ok, status_code: code });
    expect(result.error).toBe(ok ? null : `Expected ${expected.replace(',', ', ')}, got ${code}`);
    expect(result.response_time_ms).toEqual(expect.any(Number));
  });

  describe('redirects', () => {
    const to = (code: number, location: string) =>
      `${server.url}status?code=${code}&to=${encodeURIComponent(location)}`;

    it.each([
      [301, 'POST', 'GET', ''],
      [302, 'POST', 'GET', ''],
      [303, 'PUT', 'GET', ''],
      [303, 'HEAD', 'HEAD', ''],
      [302, 'PUT', 'PUT', 'body'],
      [307, 'POST', 'POST', 'body'],
      [308, 'POST', 'POST', 'body'],
    ])('%i turns %s into %s', async (code, method, then, body) => {
      const result = await check(to(code, '/final'), {
        method,
        body: method === 'HEAD' ? null : 'body',
        headers: { 'Content-Type': 'text/plain' },
      });
      expect(result).toMatchObject({ ok: true, status_code: 200 });
      expect(seen[1]).toMatchObject({ method: then, url: '/final', body });
      expect(seen[1]!.headers['content-type']).toBe(then === method ? 'text/plain' : undefined);
    });

    it('keep credentials on the same origin and drop them on another', async () => {
      const secrets: Partial<CheckTarget<HttpOptions>> = {
        headers: { 'X-Api-Key': 'secret', Cookie: 'a=b', Accept: 'text/html' },
        auth: { type: 'bearer', token: 'secret' },
      };
      await check(to(302, '/final'), secrets);
      expect(seen[1]!.headers).toMatchObject({ 'x-api-key': 'secret', authorization: 'Bearer secret' });
      seen = [];
      const result = await check(to(302, `http://other.test:${server.port}/final`), secrets);
      expect(result.ok).toBe(true);
      expect(seen[1]!.headers).toMatchObject({ accept: 'text/html', host: `other.test:${server.port}` });
      expect(JSON.stringify(seen[1]!.headers)).not.toMatch(/secret|cookie/i);
    });

    it('stop at the limit', async () => {
      const result = await check(`${server.url}loop`, { follow_redirects: 3 });
      expect(result).toMatchObject({ ok: false, error: 'Redirected more than 3 times' });
      expect(seen).toHaveLength(4);
    });

    it('are an answer of their own when none are followed', async () => {
      const result = await check(to(302, '/final'), { follow_redirects: 0, expected_status_codes: ['302'] });
      expect(result).toMatchObject({ ok: true, status_code: 302 });
    });

    it.each([
      ['http://[', 'Redirected to an address that is not valid'],
      ['ftp://example.org/', 'Redirected to an address that is neither http nor https (ftp:)'],
      ['http://169.254.169.254/latest/', 'Refused: 169.254.169.254 is a cloud metadata address'],
      ['http://[::ffff:a9fe:a9fe]/', 'Refused: ::ffff:a9fe:a9fe is a cloud metadata address'],
      ['http://2852039166/', 'Refused: 169.254.169.254 is a cloud metadata address'],
      [
        'http://rebound.test/',
        'Refused: rebound.test leads to an address that is refused: 169.254.169.254 is a cloud metadata address',
      ],
      ['http://metadata.google.internal/', 'Refused: metadata.google.internal is a cloud metadata host'],
    ])('to %s fail', async (location, error) => {
      expect(await check(to(302, location))).toMatchObject({ ok: false, error, response_time_ms: null });
    });
  });

  describe('refusals', () => {
    it.each([
      'http://169.254.169.254/',
      'http://[fe80::1]/',
      'http://0.0.0.0/',
      'http://rebound.test/',
      'http://mapped.test/',
      'https://rebound.test/',
    ])('%s is never connected to', async (url) => {
      const result = await check(url);
      expect(result).toMatchObject({ ok: false, status_code: null });
      expect(result.error).toMatch(/^Refused: /);
      expect(result.phases.connect).toBeNull();
    });

    it('a name with a refused and an allowed address connects only to the allowed one', async () => {
      expect(await check(`http://mixed.test:${server.port}/`)).toMatchObject({ ok: true });
    });

    it('private addresses are refused when the setting says so, by number and by name', async () => {
      const strict = makeResolver(false);
      for (const url of [server.url, `http://app.test:${server.port}/`, 'http://private.test/']) {
        const result = await measure(httpChecker, { ...TARGET, url }, strict);
        expect(result.error).toMatch(/^Refused: .* \(ALLOW_PRIVATE_TARGETS is off\)$/);
      }
      expect(seen).toHaveLength(0);
    });
  });

  describe('failures', () => {
    it('no such host', async () => {
      expect(await check('http://nowhere.test/')).toMatchObject({
        ok: false,
        error: 'DNS: no such host nowhere.test',
      });
    });

    it('connection refused', async () => {
      const gone = await startHttp(() => undefined);
      await gone.close();
      expect(await check(gone.url)).toMatchObject({
        ok: false,
        error: 'Connection refused',
        response_time_ms: null,
      });
    });

    it('no answer, half an answer, a cut answer', async () => {
      const options = { timeout_ms: 200 };
      expect((await check(`${server.url}hang`, options)).error).toBe(
        'Timed out after 200ms (waiting for the answer)',
      );
      expect((await check(`${server.url}half`, options)).error).toBe(
        'Timed out after 200ms (reading the answer)',
      );
      expect((await check(`${server.url}cut`)).error).toBe('Connection closed in the middle of the answer');
      expect((await check(`${server.url}silent`)).error).toBe('Connection closed without an answer');
    });

    it('a lookup and a handshake that never end', async () => {
      const stuck = new GuardedResolver(new AddressGuard({ ALLOW_PRIVATE_TARGETS: true }));
      stuck.resolveName = () => new Promise(() => undefined);
      const lookup = await measure(
        httpChecker,
        { ...TARGET, url: 'http://app.test/', timeout_ms: 100 },
        stuck,
      );
      expect(lookup.error).toBe('Timed out after 100ms (resolving the name)');
      const deaf = await start(net.createServer(), 'https');
      const handshake = await check(deaf.url, { timeout_ms: 100 });
      expect(handshake.error).toBe('Timed out after 100ms (TLS handshake)');
      await deaf.close();
    });

    it('a lookup that stands in line behind those that get no answer says nothing about the endpoint', async () => {
      const crowded = new GuardedResolver(new AddressGuard({ ALLOW_PRIVATE_TARGETS: true }));
      crowded.resolveName = (name) =>
        name === 'quick.test'
          ? Promise.resolve([{ address: '127.0.0.1', family: 4 }])
          : new Promise(() => undefined);
      const checkSlow = (name: string, timeout_ms: number) =>
        measure(httpChecker, { ...TARGET, url: `http://${name}.test:${server.port}/`, timeout_ms }, crowded);
      const results = await Promise.all(
        [1, 2, 3].map((number) => checkSlow(`slow${number}`, 50 + number * 10)),
      );
      expect(results.map(({ ok }) => ok)).toEqual([false, false, null]);
      expect(results[2]!.error).toBe('Not checked: other names that cannot be resolved hold up the lookups');
      // A later lookup that ends shows that there is no line.
      const [fourth] = await Promise.all([checkSlow('slow4', 200), checkSlow('quick', 5_000)]);
      expect(fourth).toMatchObject({ ok: false, error: 'Timed out after 200ms (resolving the name)' });
    });

    it('certificates', async () => {
      expect((await check(secure.url)).error).toBe('Certificate is self-signed');
      expect((await check(`https://app.test:${secure.port}/`)).error).toBe('Certificate is self-signed');
    });

    it('no TLS where TLS is expected, no HTTP where HTTP is', async () => {
      expect((await check(`https://127.0.0.1:${server.port}/`)).error).toBe(
        'The server does not speak TLS on this port',
      );
      const babble = await start(
        net.createServer((socket) => socket.end('SSH-2.0-hello\r\n')),
        'http',
      );
      expect((await check(babble.url)).error).toBe('The answer is not valid HTTP');
      await babble.close();
    });

    it('an endless answer is read up to a limit', async () => {
      expect(await check(`${server.url}endless`)).toMatchObject({ ok: true, status_code: 200 });
    });
  });
});
