import { readFileSync } from 'node:fs';
import { createServer as createHttps } from 'node:https';
import { createServer as createTcp } from 'node:net';
import { type LocalServer, start, startHttp } from '../monitoring/local-server.js';
import { broken, healthy, makeProber, probe } from './probe-parts.js';

const CERTIFICATES = 'test/integration/monitoring/certificates';
const SECRET = 'secret-in-the-path';

describe('the connections of probes', () => {
  const servers: LocalServer[] = [];
  afterEach(async () => {
    for (const server of servers.splice(0)) await server.close();
  });

  const keep = async (started: Promise<LocalServer>): Promise<LocalServer> => {
    const server = await started;
    servers.push(server);
    return server;
  };
  const tlsServer = (onRequest: () => void) =>
    keep(
      start(
        createHttps(
          {
            key: readFileSync(`${CERTIFICATES}/localhost.key`),
            cert: readFileSync(`${CERTIFICATES}/localhost.crt`),
          },
          (_request, response) => {
            onRequest();
            response.end('{}');
          },
        ),
        'https',
      ),
    );

  it('of a webhook are made and dropped: nothing is posted', async () => {
    let bytes = 0;
    let connections = 0;
    const tcp = createTcp((socket) => {
      connections++;
      socket.on('error', () => undefined).on('data', (data) => (bytes += data.length));
    });
    const { url } = await keep(start(tcp, 'http'));
    expect(await probe('webhook', { url: url + SECRET })).toEqual({ ...healthy, detail: expect.any(String) });
    expect({ bytes, connections }).toEqual({ bytes: 0, connections: 1 });
  });

  it('of a webhook shake hands over TLS, and look at the certificate', async () => {
    let requests = 0;
    const { url } = await tlsServer(() => requests++);
    const detail = `${new URL(url).host} takes connections over TLS`;
    expect(await probe('webhook', { url, verify_tls: false })).toEqual({ ...healthy, detail });
    expect(await probe('webhook', { url })).toEqual(broken('Certificate is self-signed'));
    expect(await probe('teams', { webhook_url: url + SECRET })).toEqual(broken('Certificate is self-signed'));
    expect(requests).toBe(0);
  });

  it('take a certificate that nobody vouches for only when told so', async () => {
    const { url } = await tlsServer(() => undefined);
    const alertmanager = { url: url.replace('127.0.0.1', 'localhost') };
    expect(await probe('alertmanager', alertmanager)).toEqual(broken('Certificate is self-signed'));
    expect((await probe('alertmanager', { ...alertmanager, verify_tls: false })).error).toMatch(
      /not that of/,
    );
  });

  it('do not follow redirects, which would carry credentials elsewhere', async () => {
    let reached = 0;
    const elsewhere = await keep(startHttp((_request, response) => response.end(String(++reached))));
    const here = await keep(
      startHttp((_request, response) =>
        response.writeHead(302, { Location: `${elsewhere.url}?token=${SECRET}` }).end(),
      ),
    );
    const { host } = new URL(here.url);
    expect(await probe('slack', { webhook_url: here.url + SECRET })).toEqual(
      broken(`${host} redirects (302) to ${new URL(elsewhere.url).origin}, which is not followed`),
    );
    expect(reached).toBe(0);
  });

  it('end when the time is up, and say what they waited for', async () => {
    let closed = 0;
    const { url } = await keep(startHttp((request) => request.socket.once('close', () => closed++)));
    const { host } = new URL(url);
    expect(await probe('slack', { webhook_url: url + SECRET }, makeProber(150))).toEqual(
      broken(`Timed out after 150ms (waiting for the answer of ${host})`),
    );
    const mute = await keep(start(createTcp(), 'http'));
    const tls = mute.url.replace('http', 'https');
    expect((await probe('teams', { webhook_url: tls }, makeProber(150))).error).toBe(
      'Timed out after 150ms (TLS handshake with 127.0.0.1)',
    );
    expect(closed).toBe(1);
  });

  it('also end when the answer never does', async () => {
    const { url } = await keep(
      startHttp((_request, response) => {
        response.write('{');
      }),
    );
    expect((await probe('alertmanager', { url }, makeProber(150))).error).toMatch(/^Timed out after 150ms/);
  });

  it('read only so much of an answer', async () => {
    const { url } = await keep(
      startHttp((_request, response) => {
        response.on('error', () => undefined);
        const pour = (): void => {
          while (response.write('x'.repeat(10_000)));
          response.once('drain', pour);
        };
        pour();
      }),
    );
    expect((await probe('alertmanager', { url })).error).toMatch(/not that of an Alertmanager/);
  });

  it.each(['http://169.254.169.254/', 'http://[::ffff:a9fe:a9fe]/', 'http://metadata.google.internal/'])(
    'are refused to %s',
    async (url) => {
      for (const result of [await probe('alertmanager', { url }), await probe('webhook', { url })]) {
        expect(result).toEqual(broken(expect.stringMatching(/^Refused: .* metadata/)));
      }
    },
  );

  it('stay off private networks where those are not allowed, also by name', async () => {
    const { url } = await keep(startHttp((_request, response) => response.end('{}')));
    const strict = makeProber(5_000, false);
    for (const target of [url, url.replace('127.0.0.1', 'localhost')]) {
      expect((await probe('alertmanager', { url: target }, strict)).error).toMatch(
        /^Refused: .*ALLOW_PRIVATE_TARGETS is off/,
      );
    }
  });

  it('look a name up each time, and go nowhere that it should not lead', async () => {
    let asked = 0;
    const { port } = await keep(startHttp((_request, response) => response.end('{}')));
    const base = `http://turncoat.example:${port}/`;
    const targets: [string, object][] = [
      ['alertmanager', { url: base }],
      ['webhook', { url: base }],
      ['email', { host: 'turncoat.example', port, from: 'watch@example.org' }],
    ];
    const turncoat = makeProber(1_000, true, () => {
      const address = ++asked === 1 ? '127.0.0.1' : '169.254.169.254';
      return Promise.resolve([{ address, family: 4 }]);
    });
    expect((await probe('webhook', { url: base }, turncoat)).ok).toBe(true);
    for (const [kind, settings] of targets) {
      expect(await probe(kind, { ...settings }, turncoat)).toEqual(
        broken(
          expect.stringMatching(
            /^Refused: turncoat.example leads to an address that is refused: 169.254.169.254/,
          ),
        ),
      );
    }
    expect(asked).toBe(1 + targets.length);
  });

  it('fail in words that a person understands', async () => {
    const { url } = await keep(startHttp((request) => request.socket.destroy()));
    expect((await probe('alertmanager', { url })).error).toMatch(
      /^Connection (reset|closed without an answer)$/,
    );
    const https = url.replace('http', 'https');
    expect((await probe('alertmanager', { url: https })).error).not.toMatch(/undefined|^$/);
    await servers.pop()!.close();
    expect((await probe('alertmanager', { url })).error).toBe('Connection refused');
    expect((await probe('alertmanager', { url: 'http://nowhere.invalid/' })).error).toMatch(
      /^DNS: no .* nowhere\.invalid$/,
    );
  });
});
