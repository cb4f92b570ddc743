import { createSocket } from 'node:dgram';
import { type Answer, encode } from 'dns-packet';
import { dnsChecker, makeDnsChecker } from '../../../src/modules/monitoring/checkers/dns.checker.js';
import { waitFor } from '../../support/wait-for.js';
import { check, resolverOf } from './checking.js';
import { DnsServer } from './dns-server.js';
import { forOneTest } from './for-one-test.js';
import { listenRaw } from './listening.js';

const NAME = 'example.test';
const A: Answer[] = [
  { type: 'CNAME', name: NAME, data: 'www.example.test' },
  { type: 'A', name: 'www.example.test', data: '192.0.2.1' },
  { type: 'A', name: 'www.example.test', data: '192.0.2.2' },
];

describe('DNS checks against a real server', () => {
  const running = forOneTest();
  let server: DnsServer;
  beforeAll(async () => void (server = await DnsServer.start()));
  afterAll(() => server.close());
  beforeEach(() => {
    server.asked = [];
    server.zone = () => A;
  });

  const ask = (options: object = {}, rest: Parameters<typeof check>[2] = {}) =>
    check(dnsChecker, `dns://${NAME}`, { options: { resolver: server.at, ...options }, ...rest });

  const askSystem = (servers: string[], rest: Parameters<typeof check>[2] = {}) =>
    check(
      makeDnsChecker(() => servers),
      `dns://${NAME}`,
      rest,
    );

  it.each(['udp', 'tcp'] as const)('asks over %s, each time anew', async (protocol) => {
    for (let times = 0; times < 2; times++) {
      expect(await ask({ protocol })).toMatchObject({
        ok: true,
        error: null,
        phases: { dns: null, tls: null },
      });
    }
    expect(server.asked).toMatchObject([
      { over: protocol, question: { name: NAME, type: 'A' } },
      { over: protocol },
    ]);
    expect(server.asked[0]!.from).not.toBe(server.asked[1]!.from);
    await server.untilLeft();
  });

  it('leaves no socket open', async () => {
    const open = () =>
      process.getActiveResourcesInfo().filter((kind) => /^(UDP|TCPSocket)/.test(kind)).length;
    const before = open();
    for (const protocol of ['udp', 'tcp']) await ask({ protocol });
    server.zone = () => 'silence';
    await ask({}, { timeout_ms: 100 });
    await waitFor('all sockets to be closed', () => open() === before);
  });

  it('measures how long the answer takes', async () => {
    const { response_time_ms, phases } = await ask();
    expect(phases.first_byte).toBeGreaterThan(0);
    expect(response_time_ms).toBeGreaterThanOrEqual(phases.first_byte!);
    expect((await ask({ protocol: 'tcp' })).phases.connect).toEqual(expect.any(Number));
  });

  it('finds a resolver that is given by its name', async () => {
    const result = await ask({ resolver: `app.test:${server.port}` });
    expect(result).toMatchObject({ ok: true, phases: { dns: expect.any(Number) } });
    expect(await ask({ resolver: `nobody.test:${server.port}` })).toMatchObject({
      ok: false,
      error: 'DNS: no such host nobody.test',
    });
  });

  it.each([
    [{ expected: ['192.0.2.2'] }, null],
    [{ expected: ['192.0.2.2', '192.0.2.1'], expected_exact: true }, null],
    [{ expected: ['192.0.2.3'] }, 'Expected the A record 192.0.2.3, got 192.0.2.1, 192.0.2.2'],
    [{ expected: ['192.0.2.1'], expected_exact: true }, 'Did not expect the A record 192.0.2.2'],
    [{ record_type: 'AAAA' }, 'There is no AAAA record of example.test'],
  ])('compares with what is expected: %j', async (options, error) => {
    expect(await ask(options)).toMatchObject({ ok: error === null, error });
  });

  it.each<[string, Answer['type'], unknown, string, string]>([
    ['AAAA', 'AAAA', '2001:db8::1', '2001:DB8:0::1', '2001:db8::1'],
    ['CNAME', 'CNAME', 'Other.Test', 'other.test.', 'other.test'],
    ['MX', 'MX', { preference: 10, exchange: 'mx.test' }, '10  MX.test.', '10 mx.test'],
    ['NS', 'NS', 'ns1.test', 'ns1.test', 'ns1.test'],
    ['TXT', 'TXT', ['v=spf1 ', '-all'], 'v=spf1 -all', 'v=spf1 -all'],
    [
      'SRV',
      'SRV',
      { priority: 1, weight: 2, port: 443, target: 'a.test' },
      '1 2 443 a.test.',
      '1 2 443 a.test',
    ],
    ['CAA', 'CAA', { flags: 0, tag: 'issue', value: 'ca.test' }, '0 issue "ca.test"', '0 issue ca.test'],
    [
      'SOA',
      'SOA',
      { mname: 'ns.test', rname: 'me.test', serial: 7, refresh: 1, retry: 2, expire: 3, minimum: 4 },
      'ns.test. me.test. 7 1 2 3 4',
      'ns.test me.test 7 1 2 3 4',
    ],
  ])('reads %s records', async (record_type, type, data, expected, line) => {
    server.zone = () => [{ type, name: NAME, data } as Answer];
    const assertions = [{ type: 'body', operator: 'equals', value: line, soft: false } as const];
    const result = await ask({ record_type, expected: [expected], expected_exact: true }, { assertions });
    expect(result).toMatchObject({ ok: true, error: null });
  });

  it('asks for the names of an address in the reverse tree', async () => {
    server.zone = () => [{ type: 'PTR', name: 'any', data: 'host.test' }];
    const options = { record_type: 'PTR', resolver: server.at, expected: ['host.test'] };
    expect(await check(dnsChecker, 'dns://192.0.2.55', { options })).toMatchObject({ ok: true });
    expect(await check(dnsChecker, 'dns://[2001:db8::1]', { options })).toMatchObject({ ok: true });
    expect(server.asked.map(({ question }) => question.name)).toEqual([
      '55.2.0.192.in-addr.arpa',
      `1.${'0.'.repeat(23)}8.b.d.0.1.0.0.2.ip6.arpa`,
    ]);
  });

  it('asks for odd names as they are, and for others in ASCII', async () => {
    await check(dnsChecker, 'dns://_sip._tcp.example.test', { options: { resolver: server.at } });
    await check(dnsChecker, 'dns://bücher.test', { options: { resolver: server.at } });
    expect(server.asked.map(({ question }) => question.name)).toEqual([
      '_sip._tcp.example.test',
      'xn--bcher-kva.test',
    ]);
  });

  it.each([
    [3, 'NXDOMAIN: example.test does not exist'],
    [2, 'SERVFAIL: the resolver could not find out about example.test'],
    [5, 'REFUSED: the resolver does not answer questions about example.test'],
    [4, 'NOTIMP: the resolver did not answer about example.test'],
  ])('says in words what code %d means', async (code, error) => {
    server.zone = () => code;
    expect(await ask()).toMatchObject({ ok: false, error, response_time_ms: expect.any(Number) });
  });

  it('fetches over TCP what does not fit into a datagram', async () => {
    const many = Array.from(
      { length: 200 },
      (_, index) => ({ ...A[1]!, data: `192.0.2.${index}` }) as Answer,
    );
    server.zone = (_, over) => (over === 'udp' ? 'truncate' : many);
    expect(await ask({ expected: ['192.0.2.199'] })).toMatchObject({ ok: true });
    expect(server.asked.map(({ over }) => over)).toEqual(['udp', 'tcp']);
    await server.untilLeft();
  });

  it('asks again when a datagram is lost', async () => {
    server.zone = () => (server.asked.length < 2 ? 'silence' : A);
    expect(await ask({}, { timeout_ms: 600 })).toMatchObject({ ok: true });
    expect(server.asked).toHaveLength(2);
  });

  it.each([
    ['udp', 'Timed out after 150ms (waiting for the answer)'],
    ['tcp', 'Timed out after 150ms (waiting for the answer)'],
  ])('does not wait longer than the timeout (%s)', async (protocol, error) => {
    server.zone = () => 'silence';
    expect(await ask({ protocol }, { timeout_ms: 150 })).toMatchObject({
      ok: false,
      error,
      response_time_ms: null,
    });
    await server.untilLeft();
  });

  it('believes no answer to another question', async () => {
    const forged = encode({
      type: 'response',
      id: 1,
      questions: [{ type: 'A', name: 'other.test' }],
      answers: A,
    });
    server.zone = () => forged;
    expect(await ask({}, { timeout_ms: 150 })).toMatchObject({
      ok: false,
      error: expect.stringMatching(/^Timed out/),
    });
    expect(await ask({ protocol: 'tcp' })).toMatchObject({
      ok: false,
      error: 'The answer is not a DNS message',
    });
  });

  it('is not upset by nonsense, or by a server that closes', async () => {
    server.zone = () => Buffer.from([1, 2, 3]);
    expect(await ask({}, { timeout_ms: 150 })).toMatchObject({ ok: false });
    expect(await ask({ protocol: 'tcp' })).toMatchObject({
      ok: false,
      error: 'The answer is not a DNS message',
    });
    const closing = await running(listenRaw((socket) => socket.once('data', () => socket.destroy())));
    const options = { protocol: 'tcp', resolver: `127.0.0.1:${closing.port}` };
    expect(await ask(options)).toMatchObject({
      ok: false,
      error: expect.stringMatching(/^Connection (closed|reset)/),
    });
  });

  it('says when nobody listens', async () => {
    const nobody = await listenRaw(() => undefined);
    await nobody.close();
    const resolver = `127.0.0.1:${nobody.port}`;
    expect(await ask({ resolver })).toMatchObject({ ok: false, error: 'Connection refused' });
    expect(await ask({ resolver, protocol: 'tcp' })).toMatchObject({
      ok: false,
      error: 'Connection refused',
    });
  });

  it('does not let an endpoint choose a resolver that the guard refuses', async () => {
    const strict = resolverOf(undefined, false);
    expect(await ask({}, { resolver: strict })).toMatchObject({
      ok: false,
      error: expect.stringMatching(/^Refused: /),
    });
    expect(await ask({ resolver: '169.254.169.254' })).toMatchObject({
      error: expect.stringMatching(/^Refused: /),
    });
    expect(server.asked).toEqual([]);
  });

  it.each(['udp', 'tcp'])(
    'asks the servers of the system whatever their addresses (%s)',
    async (protocol) => {
      const silent = createSocket('udp4');
      await new Promise<void>((resolve) => silent.bind(0, '127.0.0.1', resolve));
      silent.unref();
      const servers = [`127.0.0.1:${silent.address().port}`, server.at];
      const result = await askSystem(servers, {
        options: { protocol },
        resolver: resolverOf(undefined, false),
        timeout_ms: 900,
      });
      expect(result).toMatchObject({ ok: true, error: null });
    },
  );

  it('turns to nobody else once time is up', async () => {
    const silent = await running(listenRaw(() => undefined));
    const next = await running(listenRaw(() => undefined));
    const servers = [silent, next].map(({ port }) => `127.0.0.1:${port}`);
    const result = await askSystem(servers, { options: { protocol: 'tcp' }, timeout_ms: 100 });
    expect(result).toMatchObject({ ok: false, error: 'Timed out after 100ms (waiting for the answer)' });
    await Promise.all([silent.untilLeft(), next.untilLeft()]);
  });

  it('says when the system knows no server', async () => {
    expect(await askSystem([])).toMatchObject({
      ok: null,
      error: 'Not checked: this system has no DNS server',
    });
  });

  it('refuses options that make no sense', () => {
    const accepts = (options: object) => dnsChecker.options.safeParse(options).success;
    expect(
      ['1.1.1.1', 'dns.test:5353', '[2001:db8::1]:53', '[::1]'].every((resolver) => accepts({ resolver })),
    ).toBe(true);
    expect(
      ['', 'a b', 'host:99999', 'me@host', 'http://host/'].some((resolver) => accepts({ resolver })),
    ).toBe(false);
    expect(accepts({ record_type: 'ANY' })).toBe(false);
    expect(dnsChecker.options.parse({})).toEqual({
      record_type: 'A',
      resolver: null,
      protocol: 'udp',
      expected: [],
      expected_exact: false,
    });
  });
});
