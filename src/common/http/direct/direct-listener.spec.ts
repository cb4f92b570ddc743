import { createServer, request as httpRequest, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import zlib from 'node:zlib';
import { CodedException } from '../../coded-exception.js';
import { RequestStatistics } from '../request-statistics.js';
import { DirectListener, type DirectListenerOptions } from './direct-listener.js';
import type { DirectHead, DirectRequest, DirectRoute } from './direct-route.js';
import { DirectRoutes } from './direct-routes.js';

const MAX_BYTES = 10_000;

/** Answers what it was sent. */
class EchoRoute implements DirectRoute {
  readonly pattern = '/echo';
  readonly maxBytes: number = MAX_BYTES;
  failure: Error | undefined;

  constructor(readonly anyOrigin: boolean) {}

  matches(path: string): boolean {
    return path === '/echo';
  }

  answer({ body, path, query, ipAddress }: DirectRequest) {
    if (this.failure) return Promise.reject(this.failure);
    const text = JSON.stringify({ text: body.toString(), path, query, ipAddress });
    return Promise.resolve({ status: 200, body: text });
  }
}

describe('DirectListener', () => {
  const servers: Server[] = [];
  afterAll(() => servers.map((server) => server.close()));

  const start = async (
    options: Partial<DirectListenerOptions> = {},
    route = new EchoRoute(false),
  ): Promise<string> => {
    const routes = new DirectRoutes();
    routes.register(route);
    const listener = new DirectListener({
      routes,
      statistics: new RequestStatistics(),
      securityHeaders: { 'X-Guard': 'on', 'Cross-Origin-Resource-Policy': 'same-origin' },
      origins: false,
      trustedProxies: [],
      requireHttps: false,
      maxBytes: 1_000_000,
      isLogged: false,
      ...options,
    });
    const server = createServer(listener.before((_, response) => response.end('the framework'))).listen(0);
    servers.push(server);
    await new Promise((resolve) => server.once('listening', resolve));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  };

  const post = (url: string, body: string | Uint8Array<ArrayBuffer>, headers: Record<string, string> = {}) =>
    fetch(url, { method: 'POST', body, headers });

  it('answers its routes with or without a trailing slash and a query, and hands on everything else', async () => {
    const url = await start();
    for (const path of ['/echo', '/echo/', '/echo?x=1', '/echo/?x=1']) {
      const answer = await post(url + path, 'hello');
      expect(await answer.json()).toMatchObject({ text: 'hello', path: '/echo' });
    }
    expect(await (await post(`${url}/other`, 'x')).text()).toBe('the framework');
    expect(await (await fetch(`${url}/echo`)).text()).toBe('the framework');
  });

  it('gives every answer an id, its time and the headers of all others', async () => {
    const url = await start();
    const own = await post(`${url}/echo`, 'x', { 'X-Request-Id': 'mine' });
    expect(own.headers.get('x-request-id')).toBe('mine');
    expect(own.headers.get('x-response-time')).toMatch(/^\d+\.\d\dms$/);
    expect(own.headers.get('x-guard')).toBe('on');
    const other = await post(`${url}/echo`, 'x', { 'X-Request-Id': 'no spaces, please' });
    expect(other.headers.get('x-request-id')).toMatch(/^[\da-f-]{36}$/);
  });

  it.each([
    ['gzip', zlib.gzipSync],
    ['x-gzip', zlib.gzipSync],
    ['deflate', zlib.deflateSync],
    ['br', zlib.brotliCompressSync],
  ] as const)('unpacks %s, and stops as soon as it is too much', async (encoding, compress) => {
    const url = await start();
    const headers = { 'Content-Encoding': encoding };
    const packed = (text: string) => new Uint8Array(compress(text));
    expect(await (await post(`${url}/echo`, packed('packed'), headers)).json()).toMatchObject({
      text: 'packed',
    });
    const bomb = await post(`${url}/echo`, packed('0'.repeat(50_000_000)), headers);
    expect(bomb.status).toBe(413);
    expect(await bomb.json()).toMatchObject({ code: 'PAYLOAD_TOO_LARGE' });
    const broken = await post(`${url}/echo`, 'not packed at all', headers);
    expect(broken.status).toBe(400);
  });

  it('refuses encodings that it does not know, and bodies that are too long, declared or not', async () => {
    const url = await start();
    expect((await post(`${url}/echo`, 'x', { 'Content-Encoding': 'snappy' })).status).toBe(415);
    expect((await post(`${url}/echo`, 'x'.repeat(MAX_BYTES + 1))).status).toBe(413);
    const chunked = await new Promise<number | undefined>((resolve, reject) => {
      const sent = httpRequest(`${url}/echo`, { method: 'POST' }, (answer) => resolve(answer.statusCode));
      sent.on('error', reject);
      for (let part = 0; part < 20; part++) sent.write('x'.repeat(1_000));
      sent.end();
    });
    expect(chunked).toBe(413);
  });

  it('refuses who may not send before it reads, and holds those whom only their body names to less', async () => {
    class GuardedRoute extends EchoRoute {
      override readonly maxBytes = 2_000_000;
      admit({ headers }: DirectHead): Promise<string | undefined> {
        const { 'x-name': name } = headers;
        if (name === 'nobody') return Promise.reject(new CodedException('UNAUTHORIZED', 'Who is that?'));
        return Promise.resolve(name as string | undefined);
      }
    }
    const url = await start({}, new GuardedRoute(false));
    const refused = await new Promise<number | undefined>((resolve, reject) => {
      const headers = { 'X-Name': 'nobody', 'Content-Length': 1_500_000 };
      const sent = httpRequest(`${url}/echo`, { method: 'POST', headers }, (answer) => {
        resolve(answer.statusCode);
        sent.destroy();
      });
      sent.on('error', reject);
      // The rest never comes.
      sent.write('x');
    });
    expect(refused).toBe(401);
    const large = 'x'.repeat(1_500_000);
    expect((await post(`${url}/echo`, large, { 'X-Name': 'somebody' })).status).toBe(200);
    expect((await post(`${url}/echo`, large)).status).toBe(413);
    expect((await post(`${url}/echo`, 'x')).status).toBe(200);
  });

  it('turns failures into the envelope, without telling what broke inside', async () => {
    const route = new EchoRoute(false);
    const url = await start({}, route);
    route.failure = new CodedException('OVERLOADED', 'Too much.', undefined, 3);
    const refused = await post(`${url}/echo`, 'x');
    expect(refused.status).toBe(503);
    expect(refused.headers.get('retry-after')).toBe('3');
    expect(await refused.json()).toMatchObject({ status: 'error', code: 'OVERLOADED', error: 'Too much.' });
  });

  describe('for pages of other origins', () => {
    const origin = { Origin: 'https://shop.example.com' };

    it('says nothing unless they are allowed', async () => {
      const answer = await post(`${await start()}/echo`, 'x', origin);
      expect(answer.headers.get('access-control-allow-origin')).toBeNull();
      expect(answer.headers.get('cross-origin-resource-policy')).toBe('same-origin');
    });

    it('lets those through that are configured, and any where the route says so', async () => {
      const some = await start({ origins: ['https://shop.example.com'] });
      expect((await post(`${some}/echo`, 'x', origin)).headers.get('access-control-allow-origin')).toBe(
        'https://shop.example.com',
      );
      const other = await post(`${some}/echo`, 'x', { Origin: 'https://evil.example.com' });
      expect(other.headers.get('access-control-allow-origin')).toBeNull();
      const any = await start({}, new EchoRoute(true));
      const answer = await post(`${any}/echo`, 'x', origin);
      expect(answer.headers.get('access-control-allow-origin')).toBe('*');
      expect(answer.headers.get('cross-origin-resource-policy')).toBe('cross-origin');
    });

    it('answers the question before a request', async () => {
      const url = await start({}, new EchoRoute(true));
      const answer = await fetch(`${url}/echo`, {
        method: 'OPTIONS',
        headers: { ...origin, 'Access-Control-Request-Headers': 'x-sentry-auth' },
      });
      expect(answer.status).toBe(204);
      expect(answer.headers.get('access-control-allow-methods')).toBe('POST');
      expect(answer.headers.get('access-control-allow-headers')).toBe('x-sentry-auth');
    });
  });

  it('believes proxies that are trusted, about the address and about HTTPS', async () => {
    const forwarded = { 'X-Forwarded-For': '203.0.113.9', 'X-Forwarded-Proto': 'https' };
    const trusting = await start({ trustedProxies: ['loopback'], requireHttps: true });
    const through = await post(`${trusting}/echo`, 'x', forwarded);
    expect(await through.json()).toMatchObject({ ipAddress: '203.0.113.9' });
    expect((await post(`${trusting}/echo`, 'x')).status).toBe(403);
    const wary = await start({ requireHttps: true });
    expect((await post(`${wary}/echo`, 'x', forwarded)).status).toBe(403);
  });
});
