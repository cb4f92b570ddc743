import { readFile, writeFile } from 'node:fs/promises';
import net from 'node:net';
import { TLSSocket } from 'node:tls';
import pg from 'pg';
import { postgresChecker } from '../../../src/modules/monitoring/checkers/postgres.checker.js';
import { serverUrl } from '../../support/test-database.js';
import { waitFor } from '../../support/wait-for.js';
import { CA, certificate, check } from './checking.js';
import { forOneTest } from './for-one-test.js';
import { type Listening, listenRaw } from './listening.js';
import { postgresFront } from './postgres-front.js';

const ROLE = 'watched_probe';
const AUTH = { type: 'basic', username: ROLE, password: 'secret' } as const;

describe('PostgreSQL checks against a real server', () => {
  const running = forOneTest();
  let admin: pg.Client;
  let hba: { file: string; before: string };
  let plain: Awaited<ReturnType<typeof postgresFront>>;
  let secure: Awaited<ReturnType<typeof postgresFront>>;
  let url: string;

  beforeAll(async () => {
    admin = new pg.Client({ connectionString: serverUrl() });
    await admin.connect();
    await admin.query(`CREATE ROLE ${ROLE} LOGIN PASSWORD 'secret'`);
    await admin.query(`CREATE TABLE ${ROLE} (id integer)`);
    await admin.query(`GRANT ALL ON ${ROLE} TO ${ROLE}`);
    const { rows } = await admin.query<{ hba_file: string }>('SHOW hba_file');
    hba = { file: rows[0]!.hba_file, before: await readFile(rows[0]!.hba_file, 'utf8') };
    await writeFile(hba.file, `local all ${ROLE} scram-sha-256\n${hba.before}`);
    await admin.query('SELECT pg_reload_conf()');
    plain = await postgresFront(false);
    secure = await postgresFront(true);
    url = `postgres://127.0.0.1:${plain.port}/postgres`;
    const wrong = { ...AUTH, password: 'wrong' };
    await waitFor('passwords to count', async () => !(await check(postgresChecker, url, { auth: wrong })).ok);
  });
  afterAll(async () => {
    await Promise.all([plain.close(), secure.close()]);
    await writeFile(hba.file, hba.before);
    await admin.query('SELECT pg_reload_conf()');
    await admin.query(`DROP TABLE ${ROLE}`);
    await admin.query(`DROP ROLE ${ROLE}`);
    await admin.end();
  });
  beforeEach(() => {
    plain.seen.length = 0;
    secure.seen.length = 0;
  });

  const ask = (query: string, rest: Parameters<typeof check>[2] = {}) =>
    check(postgresChecker, url, { auth: AUTH, options: { query }, ...rest });
  const sessions = async () =>
    (await admin.query('SELECT pid FROM pg_stat_activity WHERE usename = $1', [ROLE])).rowCount;

  it('logs in and asks, on a connection of its own', async () => {
    const result = await check(postgresChecker, url.replace('postgres:', 'postgresql:'), { auth: AUTH });
    expect(result).toMatchObject({ ok: true, error: null, phases: { dns: null, tls: null } });
    expect(result.phases.first_byte).toBeGreaterThan(0);
    await waitFor('the session to end', async () => (await sessions()) === 0);
    await plain.untilLeft();
  });

  it('says goodbye, so that nothing is noted in the log of the server', async () => {
    let goodbye: Buffer = Buffer.alloc(0);
    const spy = await running(
      listenRaw((socket) => {
        const server = net.connect(plain.port, '127.0.0.1').on('error', () => undefined);
        socket.on('data', (chunk: Buffer) => (goodbye = chunk));
        socket.pipe(server).pipe(socket);
      }),
    );
    await check(postgresChecker, `postgres://127.0.0.1:${spy.port}/postgres`, { auth: AUTH });
    await spy.untilLeft();
    expect(goodbye.subarray(-5)).toEqual(Buffer.from([0x58, 0, 0, 0, 4]));
  });

  it('shows conditions the first row as JSON', async () => {
    const assertions = [
      { type: 'json', path: '$.lag', operator: 'less_than', value: 10, soft: false },
      { type: 'json', path: '$.name', operator: 'equals', value: 'a', soft: false },
    ] as const;
    const query = (lag: number) => `SELECT * FROM (VALUES (${lag}, 'a'), (99, 'b')) AS found (lag, name)`;
    expect(await ask(query(3), { assertions })).toMatchObject({ ok: true });
    expect(await ask(query(30), { assertions })).toMatchObject({
      ok: false,
      error: '$.lag is not less than 10, but 30',
    });
    expect(await ask('SELECT 1 WHERE false', { assertions })).toMatchObject({
      ok: false,
      error: 'The answer is not JSON',
    });
  });

  it.each([
    [`INSERT INTO ${ROLE} VALUES (1)`, 'PostgreSQL: cannot execute INSERT in a read-only transaction'],
    [
      `COMMIT; INSERT INTO ${ROLE} VALUES (1)`,
      'PostgreSQL: cannot insert multiple commands into a prepared statement',
    ],
    ['SELECT nothing', 'PostgreSQL: column "nothing" does not exist'],
    ['SELECT * FROM generate_series(1, 100000)', 'The query has more than 1000 rows'],
    [`SELECT repeat('x', 10000000)`, 'The answer is too long'],
    ['SELECT * FROM pg_authid', 'PostgreSQL: permission denied for table pg_authid'],
  ])('refuses or reports %j', async (query, error) => {
    expect(await ask(query)).toMatchObject({ ok: false, error });
    expect((await admin.query(`SELECT FROM ${ROLE}`)).rowCount).toBe(0);
    await plain.untilLeft();
  });

  it('can end its transaction, and changes nothing all the same', async () => {
    expect(await ask('COMMIT')).toMatchObject({ ok: true });
    expect(await ask('SET TRANSACTION READ WRITE')).toMatchObject({ ok: true });
  });

  it('stops at the timeout, and the server stops too', async () => {
    expect(await ask('SELECT pg_sleep(60)', { timeout_ms: 400 })).toMatchObject({
      ok: false,
      error: 'Timed out after 400ms (waiting for the answer)',
    });
    await waitFor('the query to be given up', async () => (await sessions()) === 0);
  });

  it('says why a login fails', async () => {
    const failing = async (auth: Parameters<typeof check>[2] = {}, address = url) =>
      (await check(postgresChecker, address, auth)).error;
    expect(await failing({ auth: { ...AUTH, password: 'wrong' } })).toBe(
      `Login refused: password authentication failed for user "${ROLE}"`,
    );
    expect(await failing({ auth: { ...AUTH, password: '' } })).toBe(
      'Login needed: the server asks for a password',
    );
    expect(await failing()).toMatch(/^Login refused: role "postgres" does not exist/);
    expect(await failing({ auth: AUTH }, `${url}_no`)).toBe(
      'PostgreSQL: database "postgres_no" does not exist',
    );
  });

  it('does not give away what it finds in its own environment', async () => {
    process.env['PGPASSWORD'] = 'secret';
    try {
      expect(await check(postgresChecker, url, { auth: { ...AUTH, password: '' } })).toMatchObject({
        ok: false,
      });
    } finally {
      delete process.env['PGPASSWORD'];
    }
  });

  describe('and TLS', () => {
    const over = (front: Listening, tls: string, rest: Parameters<typeof check>[2] = {}) =>
      check(postgresChecker, `postgres://app.test:${front.port}/postgres`, {
        auth: AUTH,
        ...rest,
        options: { tls, ...rest.options },
      });

    it('is used when it is there', async () => {
      const result = await over(secure, 'prefer');
      expect(result).toMatchObject({
        ok: true,
        phases: { tls: expect.any(Number) },
        certificate: { trusted: false },
      });
      expect(await over(plain, 'prefer')).toMatchObject({ ok: true, certificate: null });
      expect([secure.seen, plain.seen]).toEqual([['TLS'], ['no TLS']]);
      await secure.untilLeft();
    });

    it('can be demanded, certificate and all', async () => {
      expect(await over(secure, 'require', { options: { ca_certificate: CA } })).toMatchObject({
        ok: true,
        certificate: { trusted: true, names: ['app.test', '127.0.0.1'] },
      });
      expect(await over(secure, 'require')).toMatchObject({
        ok: false,
        error: expect.stringMatching(/^Certificate/),
      });
      expect(await over(secure, 'require', { verify_tls: false })).toMatchObject({ ok: true });
      expect(await over(plain, 'require')).toMatchObject({
        ok: false,
        error: 'The server does not offer TLS',
      });
    });

    it('can be left out', async () => {
      expect(await over(secure, 'disable')).toMatchObject({ ok: true, certificate: null });
      expect(secure.seen).toEqual(['plain']);
    });

    it('takes nothing that was said before it began', async () => {
      const forger = await running(
        listenRaw((socket) =>
          socket.once('data', () => {
            socket.write('SE');
            new TLSSocket(socket, { isServer: true, ...certificate('valid') }).on('error', () => undefined);
          }),
        ),
      );
      expect(await over(forger, 'prefer')).toMatchObject({
        ok: false,
        error: 'The server does not speak PostgreSQL',
      });
    });
  });
});

describe('PostgreSQL checks against servers that misbehave', () => {
  let odd: Listening;
  afterEach(() => odd.close());

  const NONSENSE = 'The server does not speak PostgreSQL';

  it.each<[string, Buffer | string, string | RegExp]>([
    ['HTTP', 'HTTP/1.1 400 Bad Request\r\n\r\n', NONSENSE],
    ['an authentication request without its kind', Buffer.from([0x52, 0, 0, 0, 4]), NONSENSE],
    ['a message of an unknown kind', Buffer.from([0x7e, 0, 0, 0, 4]), NONSENSE],
    ['rows that nobody asked for', Buffer.from([0x44, 0, 0, 0, 6, 0, 1]), NONSENSE],
    ['ready, without a login', Buffer.from([0x5a, 0, 0, 0, 5, 0x49]), NONSENSE],
    ['a login that is asked for and cut off', Buffer.from([0x52, 0, 0, 0, 12, 0, 0, 0, 5, 1]), /^Timed out/],
    ['an error that says nothing', Buffer.from([0x45, 0, 0, 0, 5, 0]), NONSENSE],
    ['what nobody asked for', Buffer.from([0x52, 0, 0, 0, 8, 0, 0, 0, 0, 0x43, 0, 0, 0, 4]), NONSENSE],
    ['an error without an end', Buffer.from([0x45, 0, 0, 0, 6, 0x4d, 0x61]), NONSENSE],
    ['zeros', Buffer.alloc(4_096), NONSENSE],
    ['a banner', '220 mail.example.org ESMTP\r\n', NONSENSE],
  ])('survives %s', async (_, said, error) => {
    odd = await listenRaw((socket) => socket.on('data', () => socket.write(said)));
    const address = `postgres://127.0.0.1:${odd.port}/`;
    const result = await check(postgresChecker, address, { options: { tls: 'disable' }, timeout_ms: 300 });
    expect(result).toMatchObject({ ok: false, error: expect.stringMatching(error) });
    expect(await check(postgresChecker, address, { timeout_ms: 300 })).toMatchObject({ ok: false });
    await odd.untilLeft();
  });

  it.each<[string, (socket: net.Socket) => void, RegExp]>([
    ['hangs', () => undefined, /^Timed out after 150ms \(waiting for the answer\)$/],
    ['closes', (socket) => socket.destroy(), /^Connection (closed|reset)/],
    ['closes once asked', (socket) => socket.once('data', () => socket.end()), /^Connection (closed|reset)/],
  ])('notices one that %s', async (_, talk, error) => {
    odd = await listenRaw(talk);
    for (const tls of ['disable', 'prefer']) {
      const address = `postgres://127.0.0.1:${odd.port}/`;
      const result = await check(postgresChecker, address, { options: { tls }, timeout_ms: 150 });
      expect(result).toMatchObject({
        ok: false,
        error: expect.stringMatching(error),
        response_time_ms: null,
      });
    }
    await odd.untilLeft();
  });
});
