import net from 'node:net';
import tls from 'node:tls';
import { tlsChecker } from '../../../src/modules/monitoring/checkers/tls.checker.js';
import { type Asked, CA, certificate, check } from './checking.js';
import { listen, type Listening, listenRaw } from './listening.js';

const TRUST = { ca_certificate: CA };

const daysLeft = (operator: 'greater_than' | 'less_than', value: number, soft = false): Asked => ({
  assertions: [{ type: 'certificate_days', operator, value, soft }],
});

describe('TLS checks', () => {
  const servers: Listening[] = [];
  const kept = async (server: Promise<Listening>): Promise<Listening> => {
    servers.push(await server);
    return server;
  };
  const serve = (name: Parameters<typeof certificate>[0]) =>
    kept(listen(tls.createServer(certificate(name))));
  const url = ({ port }: Listening, host = 'app.test') => `tls://${host}:${port}`;

  afterEach(async () => {
    for (const server of servers.splice(0)) {
      await server.untilLeft();
      await server.close();
    }
  });

  it('records the certificate, its names and its chain', async () => {
    const server = await serve('valid');
    const result = await check(tlsChecker, url(server), { options: TRUST });
    expect(result).toMatchObject({
      ok: true,
      error: null,
      certificate: {
        subject: 'valid',
        issuer: 'Watchkeep test authority',
        names: ['app.test', '127.0.0.1'],
        valid_to: Date.parse('2126-01-01T00:00:00Z'),
        trusted: true,
        problem: null,
        chain: [{ subject: 'Watchkeep test authority', issuer: 'Watchkeep test authority' }],
        fingerprint: expect.stringMatching(/^([0-9A-F]{2}:){31}[0-9A-F]{2}$/),
      },
      phases: {
        dns: expect.any(Number),
        connect: expect.any(Number),
        tls: expect.any(Number),
        first_byte: null,
      },
    });
    const byAddress = await check(tlsChecker, url(server, '127.0.0.1'), { options: TRUST });
    expect(byAddress).toMatchObject({ ok: true });
  });

  it.each([
    ['expired', 'Certificate has expired'],
    ['future', 'Certificate is not valid yet'],
    ['elsewhere', 'Certificate is not valid for app.test'],
  ] as const)('%s: fails, unless it need not be valid; the certificate is recorded', async (name, error) => {
    const server = await serve(name);
    const shown = { subject: name, trusted: false, problem: expect.any(String) };
    const strict = await check(tlsChecker, url(server), { options: TRUST });
    expect(strict).toMatchObject({ ok: false, error, certificate: shown });
    const lax = await check(tlsChecker, url(server), { options: TRUST, verify_tls: false });
    expect(lax).toMatchObject({ ok: true, error: null, certificate: shown });
  });

  it('fails without trust', async () => {
    const result = await check(tlsChecker, url(await serve('valid')));
    expect(result).toMatchObject({
      ok: false,
      error: 'Certificate chain is incomplete or its issuer is unknown',
      certificate: { trusted: false },
    });
  });

  it('counts the days that are left', async () => {
    const server = await serve('valid');
    const ask = (asked: Asked) => check(tlsChecker, url(server), { options: TRUST, ...asked });
    expect(await ask(daysLeft('greater_than', 30))).toMatchObject({ ok: true });
    expect(await ask(daysLeft('less_than', 30))).toMatchObject({
      ok: false,
      error: expect.stringMatching(
        /^The number of days until the certificate ends is not less than 30, but \d+$/,
      ),
    });
    expect(await ask(daysLeft('less_than', 30, true))).toMatchObject({ ok: true, degraded: true });
    const expired = await serve('expired');
    const result = await check(tlsChecker, url(expired), {
      ...daysLeft('greater_than', 0),
      verify_tls: false,
    });
    expect(result.error).toMatch(/days until the certificate ends is not greater than 0, but -\d+$/);
  });

  describe('shown a certificate that is meant to harm', () => {
    const serveForged = (cert: string) =>
      kept(listen(tls.createServer({ cert, key: certificate('valid').key })));

    it.each([
      ['has no end', forged(certificate('valid').cert, '21260101000000Z', '99999999999999Z'), null],
      [
        'has a null character in its name',
        forged(certificate('valid').cert, 'valid', 'va\0id'),
        { subject: 'va\uFFFDid', trusted: false },
      ],
      [
        'comes with an issuer that has no end',
        certificate('valid').cert + forged(CA, /\d{14}Z/, '99999999999999Z'),
        { subject: 'valid', trusted: false, chain: [] },
      ],
    ])('that %s: says what is wrong, and lives on', async (_, cert, shown) => {
      const server = await serveForged(cert);
      const strict = await check(tlsChecker, url(server));
      expect(strict).toMatchObject({ ok: false, certificate: shown });
      const lax = await check(tlsChecker, url(server), { verify_tls: false });
      expect(lax).toMatchObject({ ok: true, certificate: shown });
    });
  });

  it('asks for another name', async () => {
    const server = await serve('elsewhere');
    const options = { ...TRUST, server_name: 'elsewhere.test' };
    expect(await check(tlsChecker, url(server), { options })).toMatchObject({ ok: true });
  });

  it.each<[string, (socket: net.Socket) => void, string]>([
    ['speaks no TLS', (socket) => socket.end('220 smtp\r\n'), 'The server does not speak TLS on this port'],
    ['closes', (socket) => socket.end(), 'Connection closed during the TLS handshake'],
    ['hangs', () => undefined, 'Timed out after 200ms (TLS handshake)'],
  ])('fails when the server %s', async (_, talk, error) => {
    const server = await kept(listenRaw(talk));
    const result = await check(tlsChecker, url(server), { timeout_ms: 200 });
    expect(result).toMatchObject({ ok: false, error, certificate: null, response_time_ms: null });
  });

  describe('STARTTLS', () => {
    /** Says `lines` in turn, one for each that comes, the first unasked; then goes on with TLS. */
    const begin = (greeting: string, answers: string[]) =>
      kept(
        listenRaw((socket) => {
          const left = [...answers];
          socket.write(greeting);
          socket.on('data', () => {
            const answer = left.shift() ?? '';
            socket.write(answer);
            if (left.length > 0) return;
            socket.removeAllListeners('data');
            const secured = new tls.TLSSocket(socket, { isServer: true, ...certificate('valid') });
            secured.on('error', () => undefined);
            secured.resume();
          });
        }),
      );

    it.each([
      ['smtp', '220 mail\r\n', ['250-mail\r\n250 STARTTLS\r\n', '220 go\r\n']],
      ['imap', '* OK ready\r\n', ['* still here\r\na OK go\r\n']],
      ['pop3', '+OK ready\r\n', ['+OK go\r\n']],
      ['postgres', '', ['S']],
    ])('in %s', async (starttls, greeting, answers) => {
      const server = await begin(greeting, answers);
      const result = await check(tlsChecker, url(server), { options: { ...TRUST, starttls } });
      expect(result).toMatchObject({
        ok: true,
        error: null,
        certificate: { subject: 'valid', trusted: true },
        phases: { connect: expect.any(Number), tls: expect.any(Number) },
      });
      const untrusted = await check(tlsChecker, url(server), { options: { starttls } });
      expect(untrusted).toMatchObject({ ok: false, certificate: { subject: 'valid', trusted: false } });
    });

    it.each([
      ['smtp', '220 mail\r\n', ['250 mail\r\n', '502 no\r\n'], 'STARTTLS: expected 220, got 502 no'],
      ['smtp', 'hello\r\n', [], 'The answer is not SMTP: hello'],
      ['imap', '* BYE busy\r\n', [], 'Greeting: * BYE busy'],
      ['imap', '* OK\r\n', ['a BAD what\r\n'], 'The server offers no TLS: a BAD what'],
      ['pop3', '+OK\r\n', ['-ERR what\r\n'], 'The server offers no TLS: -ERR what'],
      ['postgres', '', ['N'], 'The server offers no TLS'],
      ['postgres', '', ['Sinjected'], 'The server offers no TLS'],
      [
        'pop3',
        '+OK\r\n',
        ['+OK\r\n+OK injected\r\n'],
        'The server went on without TLS after it had agreed to it',
      ],
      ['pop3', 'x'.repeat(70_000), [], 'The answer has a line without end'],
    ])('in %s fails after %j %j', async (starttls, greeting, answers, error) => {
      const server = await begin(greeting, answers);
      const result = await check(tlsChecker, url(server), { options: { ...TRUST, starttls } });
      expect(result).toMatchObject({ ok: false, error, certificate: null });
    });

    it('is not waited for longer than the timeout', async () => {
      const server = await kept(listenRaw((socket) => socket.write('+OK\r\n')));
      const options = { ...TRUST, starttls: 'pop3' };
      const result = await check(tlsChecker, url(server), { options, timeout_ms: 200 });
      expect(result.error).toBe('Timed out after 200ms (reading the answer)');
    });
  });
});

/** A certificate with some of its text replaced by as much other; its signature is none any more. */
function forged(cert: string, text: string | RegExp, other: string): string {
  const der = Buffer.from(cert.replaceAll(/-----[^-]+-----|\s/g, ''), 'base64').toString('latin1');
  const changed = Buffer.from(der.replace(text, other), 'latin1').toString('base64');
  return `-----BEGIN CERTIFICATE-----\n${changed.replaceAll(/.{64}/g, '$&\n')}\n-----END CERTIFICATE-----\n`;
}
