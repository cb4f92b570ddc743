import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { TLSSocket } from 'node:tls';
import { httpChecker } from '../../../src/modules/monitoring/checkers/http.checker.js';
import { CA, certificate, check, pem, resolverOf } from './checking.js';
import { listen, type Listening } from './listening.js';

const OWN = { ca_certificate: CA };
const CLIENT = { certificate: certificate('client').cert, key: certificate('client').key };

describe('TLS of HTTP checks', () => {
  const servers: Listening[] = [];
  const seen: { name: string | false | null; client: string | undefined }[] = [];
  let port: number;
  let strangers: number;

  const serve = async (name: Parameters<typeof certificate>[0], more: object = {}): Promise<number> => {
    const server = createServer({ ...certificate(name), ...more }, (request, response) => {
      const socket = request.socket as TLSSocket & { servername?: string | false };
      seen.push({
        name: socket.servername ?? null,
        client: socket.getPeerCertificate().subject?.CN as string | undefined,
      });
      const to = new URL(request.url!, 'https://any').searchParams.get('to');
      response.writeHead(to ? 302 : 200, to ? { Location: to } : {}).end('ok');
    });
    const listening = await listen(server);
    servers.push(listening);
    return listening.port;
  };

  beforeAll(async () => {
    port = await serve('valid', { requestCert: true, ca: CA, rejectUnauthorized: false });
    strangers = await serve('elsewhere', { requestCert: true, ca: CA, rejectUnauthorized: false });
  });
  beforeEach(() => seen.splice(0));
  afterEach(() => Promise.all(servers.map((server) => server.untilLeft())));
  afterAll(() => Promise.all(servers.map((server) => server.close())));

  it('believes the authority that it is told of, and no other', async () => {
    const believed = await check(httpChecker, `https://app.test:${port}/`, { options: OWN });
    expect(believed).toMatchObject({
      ok: true,
      certificate: { subject: 'valid', issuer: 'Watchkeep test authority', trusted: true, problem: null },
    });
    const result = await check(httpChecker, `https://app.test:${port}/`);
    expect(result).toMatchObject({
      ok: false,
      error: 'Certificate chain ends in an unknown root',
      certificate: { subject: 'valid', trusted: false, problem: 'SELF_SIGNED_CERT_IN_CHAIN' },
    });
    expect(seen).toHaveLength(1);
  });

  it('believes a certificate that nobody but itself has signed, when it is told to', async () => {
    const folder = new URL('../monitoring/certificates/', import.meta.url);
    const cert = readFileSync(new URL('localhost.crt', folder), 'utf8');
    const own = await serve('valid', { cert, key: readFileSync(new URL('localhost.key', folder)) });
    const options = { ca_certificate: cert, server_name: 'localhost' };
    const result = await check(httpChecker, `https://127.0.0.1:${own}/`, { options });
    expect(result).toMatchObject({
      ok: true,
      certificate: { subject: 'localhost', trusted: true, chain: [] },
    });
  });

  it('records a certificate that it does not ask to be valid', async () => {
    const result = await check(httpChecker, `https://app.test:${port}/`, { verify_tls: false });
    expect(result).toMatchObject({ ok: true, certificate: { subject: 'valid', trusted: false } });
  });

  it.each([
    ['expired', 'Certificate has expired'],
    ['future', 'Certificate is not valid yet'],
    ['elsewhere', 'Certificate is not valid for app.test'],
  ] as const)('says what is wrong with one that is %s', async (name, error) => {
    const bad = await serve(name);
    const result = await check(httpChecker, `https://app.test:${bad}/`, { options: OWN });
    expect(result).toMatchObject({ ok: false, error, certificate: { subject: name, trusted: false } });
    expect(result.phases.first_byte).toBeNull();
  });

  it('asks for another name', async () => {
    const options = { ...OWN, server_name: 'elsewhere.test' };
    const url = `https://127.0.0.1:${strangers}/`;
    expect(await check(httpChecker, url, { options })).toMatchObject({ ok: true });
    expect(seen).toEqual([{ name: 'elsewhere.test', client: undefined }]);
    const wrong = await check(httpChecker, url, { options: { ...OWN, server_name: 'third.test' } });
    expect(wrong.error).toBe('Certificate is not valid for third.test');
  });

  it('shows its certificate', async () => {
    const options = { ...OWN, client_certificate: CLIENT };
    expect(await check(httpChecker, `https://app.test:${port}/`, { options })).toMatchObject({ ok: true });
    expect(seen[0]!.client).toBe('client');
    const key = pem('client-encrypted.key');
    const encrypted = { ...CLIENT, key, passphrase: 'secret' };
    await check(httpChecker, `https://app.test:${port}/`, {
      options: { ...OWN, client_certificate: encrypted },
    });
    expect(seen[1]!.client).toBe('client');
  });

  it('says when a server insists on one', async () => {
    const strict = await serve('valid', { requestCert: true, ca: CA, rejectUnauthorized: true });
    const without = await check(httpChecker, `https://app.test:${strict}/`, { options: OWN });
    expect(without).toMatchObject({ ok: false, error: 'The server wants a client certificate' });
    const options = { ...OWN, client_certificate: CLIENT };
    expect(await check(httpChecker, `https://app.test:${strict}/`, { options })).toMatchObject({ ok: true });
  });

  it('shows neither certificate nor name to another origin', async () => {
    const options = { ...OWN, client_certificate: CLIENT, server_name: 'app.test' };
    const resolver = resolverOf({ 'app.test': [['127.0.0.1']], 'elsewhere.test': [['127.0.0.1']] });
    const there = encodeURIComponent(`https://elsewhere.test:${strangers}/`);
    const url = `https://127.0.0.1:${port}/?to=${there}`;
    expect(await check(httpChecker, url, { options, resolver })).toMatchObject({
      ok: true,
      certificate: { subject: 'elsewhere' },
    });
    expect(seen).toEqual([
      { name: 'app.test', client: 'client' },
      { name: 'elsewhere.test', client: undefined },
    ]);
  });

  it.each([
    ['a key of another', { ...CLIENT, key: certificate('valid').key }],
    ['a wrong passphrase', { ...CLIENT, key: pem('client-encrypted.key'), passphrase: 'wrong' }],
    ['no PEM', { certificate: 'x', key: 'y' }],
  ])('%s is refused when it is configured', (_, client_certificate) => {
    expect(httpChecker.options.safeParse({ client_certificate }).success).toBe(false);
  });

  it.each([{ server_name: '127.0.0.1' }, { server_name: 'a b' }, { ca_certificate: 'x' }])(
    '%j is refused',
    (options) => {
      expect(httpChecker.options.safeParse(options).success).toBe(false);
    },
  );
});
