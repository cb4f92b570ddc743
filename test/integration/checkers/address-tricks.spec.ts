import { createServer, type IncomingMessage, type Server } from 'node:http';
import net from 'node:net';
import { AddressGuard } from '../../../src/common/outgoing/address-guard.js';
import type { GuardedResolver } from '../../../src/common/outgoing/guarded-resolver.js';
import type { Checker, Measurement } from '../../../src/modules/monitoring/checkers/checker.js';
import { CHECKERS } from '../../../src/modules/monitoring/checkers/checker-registry.js';
import { httpChecker } from '../../../src/modules/monitoring/checkers/http.checker.js';
import { TRICK_NAMES, TRICKS } from './address-tricks.js';
import { type Asked, check, resolverOf } from './checking.js';
import { listen, type Listening } from './listening.js';

const REFUSED = /^Refused: /;
/** For those that nobody answers. */
const SHORT = { timeout_ms: 80 };

/** How each kind is told of a host. */
const KINDS: Record<string, (authority: string) => { url: string; options?: object }> = {
  tcp: (authority) => ({ url: `tcp://${authority}` }),
  tls: (authority) => ({ url: `tls://${authority}` }),
  websocket: (authority) => ({ url: `ws://${authority}/` }),
  smtp: (authority) => ({ url: `smtp://${authority}` }),
  ping: (authority) => ({ url: `ping://${authority.replace(/:PORT$|:\d+$/, '')}` }),
  dns: (authority) => ({ url: 'dns://app.test', options: { resolver: authority } }),
  postgres: (authority) => ({ url: `postgres://${authority}/database` }),
  redis: (authority) => ({ url: `redis://${authority}` }),
  grpc: (authority) => ({ url: `grpc://${authority}` }),
};

/** Refused whatever the kind; all with a port, which the listener has. */
const NEVER = [
  '169.254.169.254',
  '2852039166',
  '0xa9fea9fe',
  '0251.0376.0251.0376',
  '169.254.43518',
  '[::ffff:169.254.169.254]',
  '[64:ff9b::a9fe:a9fe]',
  '[2002:a9fe:a9fe::]',
  '[fe80::1]',
  '[::]',
  '0.0.0.0',
  '0',
  '224.0.0.1',
  '255.255.255.255',
  '240.0.0.1',
  'metadata.google.internal',
  'METADATA.Google.Internal.',
  'to-metadata.test',
  'to-nat64-metadata.test',
  'to-nowhere.test',
  'all-bad.test',
];

/** Refused without permission. */
const BY_PERMISSION = [
  '127.0.0.1',
  '127.1',
  '2130706433',
  '0x7f.1',
  '[::1]',
  '[::ffff:127.0.0.1]',
  'localhost',
  'app.test',
  'some-good.test',
  '10.255.255.1',
  '100.64.0.1',
  '198.18.0.1',
  '[fc00::1]',
];

const PUBLIC_NAMES = { 'public.test': [['127.0.0.9']], 'turncoat.test': [['127.0.0.9'], ['127.0.0.1']] };

describe('address tricks over real sockets', () => {
  let server: Listening;
  let hasIpv6: boolean;
  let open: GuardedResolver;
  let strict: GuardedResolver;
  const requests: IncomingMessage[] = [];

  beforeAll(async () => {
    const http = (): Server =>
      createServer((request, response) => {
        requests.push(request);
        const { searchParams } = new URL(request.url!, 'http://any');
        const to = searchParams.get('to');
        response
          .writeHead(Number(searchParams.get('code') ?? 200), to ? { Location: to } : {})
          .end('reached');
      });
    // On every address of this machine: whatever leads here, arrives.
    server = await listen(http(), '::').catch(() => listen(http(), '0.0.0.0'));
    hasIpv6 = await new Promise((resolve) => {
      const socket = net.connect(server.port, '::1', () => resolve(true));
      socket.on('error', () => resolve(false)).on('connect', () => socket.destroy());
    });
  });
  afterAll(() => server.close());
  beforeEach(() => {
    open = resolverOf(TRICK_NAMES);
    strict = resolverOf(TRICK_NAMES, false);
    requests.splice(0);
  });

  const withPort = (text: string): string => text.replaceAll('PORT', String(server.port));
  const ask = (authority: string, asked: Asked): Promise<Measurement> =>
    check(httpChecker, `http://${withPort(authority)}/`, asked);

  /** Refused in words, and nothing was connected to. */
  const expectRefused = (result: Measurement, connections: number): void => {
    expect(result).toMatchObject({ ok: false, status_code: null, response_time_ms: null, certificate: null });
    expect(result.error).toMatch(REFUSED);
    expect(result.phases.connect).toBeNull();
    expect(server.count()).toBe(connections);
  };

  it('are more than sixty', () =>
    expect(new Set(TRICKS.map(([authority]) => authority)).size).toBeGreaterThan(140));

  it.each(TRICKS)('with permission, %s: %s', async (authority, outcome) => {
    const before = server.count();
    const result = await ask(authority, { resolver: open, ...(outcome === 'let through' && SHORT) });
    switch (outcome) {
      case 'reached':
        if (authority.startsWith('[') && !hasIpv6) return expect(result.error).not.toMatch(REFUSED);
        expect(result).toMatchObject({ ok: true, status_code: 200 });
        return expect(server.count()).toBe(before + 1);
      case 'let through':
        expect(result.ok).toBe(false);
        return expect(result.error).not.toMatch(REFUSED);
      case 'refused':
        return expectRefused(result, before);
      case 'no address':
        expect(result).toMatchObject({ ok: false, error: 'Invalid URL' });
        return expect(server.count()).toBe(before);
    }
  });

  it.each(TRICKS)('without permission, %s is never connected to', async (authority, outcome) => {
    const before = server.count();
    const result = await ask(authority, { resolver: strict });
    if (outcome !== 'no address') return expectRefused(result, before);
    expect(result).toMatchObject({ ok: false, error: 'Invalid URL' });
    expect(server.count()).toBe(before);
  });

  it('a name with good and bad addresses leads to the good one only', async () => {
    expect(await ask('some-good.test:PORT', { resolver: open })).toMatchObject({ ok: true });
    expectRefused(await ask('some-good.test:PORT', { resolver: strict }), server.count());
  });

  describe('names that change their mind', () => {
    it('are asked once a connection: the address that was looked at is the one connected to', async () => {
      const asked: string[] = [];
      const { resolveName } = open;
      open.resolveName = (name) => {
        asked.push(name);
        return resolveName(name);
      };
      expect(await ask('rebound-later.test:PORT', { resolver: open })).toMatchObject({ ok: true });
      expect(asked).toEqual(['rebound-later.test']);
      expectRefused(await ask('rebound-later.test:PORT', { resolver: open }), server.count());
    });

    it('between a redirect and its target', async () => {
      const before = server.count();
      const url = `http://rebound-later.test:${server.port}/?code=302&to=/secret`;
      const result = await check(httpChecker, url, { resolver: open });
      expect(result.error).toBe(
        'Refused: rebound-later.test leads to an address that is refused: 169.254.169.254 is a cloud metadata address',
      );
      expect(server.count()).toBe(before + 1);
    });

    it('from a public address to this machine', async () => {
      const before = server.count();
      const first = await ask('rebound.test:PORT', { resolver: strict, ...SHORT });
      expect(first.error).not.toMatch(REFUSED);
      expectRefused(await ask('rebound.test:PORT', { resolver: strict }), before);
    });
  });

  describe('redirects', () => {
    const TARGETS: [to: string, error: RegExp][] = [
      ['http://169.254.169.254/latest/meta-data/', REFUSED],
      ['//169.254.169.254/latest/', REFUSED],
      ['/\\169.254.169.254/', REFUSED],
      ['\\\\169.254.169.254/', REFUSED],
      ['http:\\\\169.254.169.254/', REFUSED],
      ['http:169.254.169.254/', /^Expected 200-299, got 404$|^$/],
      ['HTTP://2852039166/', REFUSED],
      ['https://169.254.169.254/', REFUSED],
      ['http://app.test@169.254.169.254/', REFUSED],
      ['http://[::ffff:a9fe:a9fe]/', REFUSED],
      ['http://[fe80::1]/', REFUSED],
      ['http://0.0.0.0:PORT/', REFUSED],
      ['http://[::]:PORT/', REFUSED],
      ['//0:PORT/', REFUSED],
      ['http://metadata.google.internal/computeMetadata/v1/', REFUSED],
      ['http://to-metadata.test/', REFUSED],
      ['http://all-bad.test/', REFUSED],
      ['file:///etc/passwd', /neither http nor https \(file:\)/],
      ['gopher://127.0.0.1:PORT/_x', /neither http nor https \(gopher:\)/],
      ['ftp://127.0.0.1:PORT/', /neither http nor https \(ftp:\)/],
      ['data:text/plain,ok', /neither http nor https \(data:\)/],
      ['javascript:alert(1)', /neither http nor https \(javascript:\)/],
      ['unix:/var/run/docker.sock', /neither http nor https \(unix:\)/],
      ['http://[::1%25lo]:PORT/', /not valid/],
      ['http://127.0.0.1:99999/', /not valid/],
    ];

    it.each(
      [301, 302, 303, 307, 308].flatMap((code) => TARGETS.map(([to, error]) => [code, to, error] as const)),
    )('%i to %s', async (code, to, error) => {
      const before = server.count();
      const url = `http://app.test:${server.port}/?code=${code}&to=${encodeURIComponent(withPort(to))}`;
      const result = await check(httpChecker, url, { resolver: open });
      if (to === 'http:169.254.169.254/') return expect(requests[1]?.url).toBe('/169.254.169.254/');
      expect(result).toMatchObject({ ok: false, error: expect.stringMatching(error) });
      expect(server.count()).toBe(before + 1);
    });
  });

  describe('from a public address', () => {
    /** Takes one address of this machine for a public one: there is no other that a test could listen on. */
    class TestGuard extends AddressGuard {
      override refusalOfAddress(address: string): string | undefined {
        return address === '127.0.0.9' ? undefined : super.refusalOfAddress(address);
      }
    }
    let resolver: GuardedResolver;

    beforeEach(() => {
      const guard = new TestGuard({ ALLOW_PRIVATE_TARGETS: false });
      resolver = resolverOf({ ...TRICK_NAMES, ...PUBLIC_NAMES }, false, guard);
    });

    it.each(
      [...BY_PERMISSION, ...NEVER].flatMap<[number, string]>((host) => [
        [302, `http://${host}:PORT/`],
        [307, `//${host}:PORT/`],
      ]),
    )('%i to %s is refused without permission', async (code, to) => {
      const before = server.count();
      const url = `http://public.test:${server.port}/?code=${code}&to=${encodeURIComponent(withPort(to))}`;
      const result = await check(httpChecker, url, { resolver });
      expect(result).toMatchObject({ ok: false, error: expect.stringMatching(REFUSED) });
      expect(server.count()).toBe(before + 1);
    });

    it('a name that is public first and private then is reached once', async () => {
      const before = server.count();
      const url = `http://turncoat.test:${server.port}/?code=302&to=/secret`;
      const result = await check(httpChecker, url, { resolver });
      expect(result.error).toBe(
        'Refused: turncoat.test leads to an address that is refused: 127.0.0.1 is this machine itself (ALLOW_PRIVATE_TARGETS is off)',
      );
      expect(server.count()).toBe(before + 1);
    });
  });

  describe('proxies', () => {
    it.each(NEVER)('at %s are refused', async (host) => {
      const before = server.count();
      for (const url of ['http://app.test/', 'https://app.test/']) {
        const options = { proxy: `http://${host}:${server.port}` };
        expectRefused(await check(httpChecker, url, { options, resolver: open }), before);
      }
    });

    it.each(BY_PERMISSION)('at %s are refused without permission', async (host) => {
      const options = { proxy: `http://${host}:${server.port}` };
      expectRefused(
        await check(httpChecker, 'http://app.test/', { options, resolver: strict }),
        server.count(),
      );
    });

    it.each(NEVER.filter((host) => !host.endsWith('.test')))('are not asked for %s', async (host) => {
      const before = server.count();
      const options = { proxy: `http://127.0.0.1:${server.port}` };
      for (const version of ['1.1', '2']) {
        const more = { options: { ...options, http_version: version }, resolver: open };
        for (const scheme of ['http', 'https']) {
          expectRefused(await check(httpChecker, `${scheme}://${host}/`, more), before);
        }
      }
    });
  });

  describe.each(Object.keys(CHECKERS).filter((kind) => kind !== 'http'))('%s', (kind) => {
    const { [kind]: checker } = CHECKERS as Record<string, Checker>;
    const askKind = (host: string, resolver: GuardedResolver) => {
      const { url, options } = KINDS[kind]!(`${host}:${server.port}`);
      return check(checker!, url, { options, resolver, timeout_ms: 1_000 });
    };

    it.each(NEVER)('never connects to %s', async (host) => {
      const before = server.count();
      for (const resolver of [open, strict]) expectRefused(await askKind(host, resolver), before);
    });

    it.each(BY_PERMISSION)('connects to %s only by permission', async (host) => {
      expectRefused(await askKind(host, strict), server.count());
    });

    it('connects by permission', async () => {
      const before = server.count();
      const result = await askKind('127.0.0.1', open);
      expect(result.error ?? '').not.toMatch(REFUSED);
      if (!['ping', 'dns'].includes(kind)) expect(server.count()).toBe(before + 1);
    });
  });
});
