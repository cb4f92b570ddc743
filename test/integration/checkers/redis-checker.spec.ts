import { createServer as createTlsServer } from 'node:tls';
import { Redis } from 'ioredis';
import { redisChecker } from '../../../src/modules/monitoring/checkers/redis.checker.js';
import { redisIsInstalled, TestRedis } from '../../support/redis.js';
import { waitFor } from '../../support/wait-for.js';
import { CA, certificate, check } from './checking.js';
import { listen, type Listening, listenRaw } from './listening.js';

const describeWithRedis = redisIsInstalled ? describe : describe.skip;

describeWithRedis('Redis checks against a real server', () => {
  let server: TestRedis;
  let admin: Redis;
  beforeAll(async () => {
    server = await TestRedis.start();
    admin = new Redis(server.url);
    await admin.config('SET', 'repl-diskless-sync-delay', '0');
    await admin.call('ACL', 'SETUSER', 'watch', 'on', '>secret', '+ping', '+select');
  });
  afterAll(async () => {
    admin.disconnect();
    await server.stop();
  });
  afterEach(() => admin.config('SET', 'requirepass', ''));

  const basic = (username: string, password: string) => ({ type: 'basic', username, password }) as const;

  it('expects PONG on a connection of its own, which it closes', async () => {
    const others = async () => ((await admin.client('LIST')) as string).trim().split('\n').length;
    const before = await others();
    const result = await check(redisChecker, server.url);
    expect(result).toMatchObject({ ok: true, error: null, phases: { dns: null, tls: null } });
    expect(result.phases.connect! + result.phases.first_byte!).toBeLessThanOrEqual(result.response_time_ms!);
    await waitFor('the connection to be closed', async () => (await others()) === before);
  });

  it('selects the database of the address', async () => {
    expect(await check(redisChecker, `${server.url}/15`)).toMatchObject({ ok: true });
    expect(await check(redisChecker, `${server.url}/16`)).toMatchObject({
      ok: false,
      error: 'Redis: DB index is out of range',
    });
    expect(await check(redisChecker, `${server.url}/cache`)).toMatchObject({
      ok: false,
      error: 'The path of the address is not the number of a database',
    });
  });

  it('logs in, with and without a name', async () => {
    expect(await check(redisChecker, `${server.url}/1`, { auth: basic('watch', 'secret') })).toMatchObject({
      ok: true,
    });
    await admin.config('SET', 'requirepass', 'pa ss\r\nwörd');
    expect(await check(redisChecker, server.url, { auth: basic('', 'pa ss\r\nwörd') })).toMatchObject({
      ok: true,
    });
  });

  it('says when the login fails', async () => {
    expect(await check(redisChecker, server.url, { auth: basic('watch', 'wrong') })).toMatchObject({
      ok: false,
      error: 'Login refused: invalid username-password pair or user is disabled.',
    });
    await admin.config('SET', 'requirepass', 'secret');
    expect(await check(redisChecker, server.url)).toMatchObject({
      ok: false,
      error: 'Login needed: the server asks for a password',
    });
  });

  it('looks at the role when it matters', async () => {
    expect(await check(redisChecker, server.url, { options: { role: 'master' } })).toMatchObject({
      ok: true,
    });
    expect(await check(redisChecker, server.url, { options: { role: 'replica' } })).toMatchObject({
      ok: false,
      error: 'Expected a replica, got a master',
    });
    const auth = basic('watch', 'secret');
    expect(await check(redisChecker, server.url, { auth, options: { role: 'master' } })).toMatchObject({
      ok: false,
      error: expect.stringMatching(/^Redis: NOPERM /),
    });
  });

  it('sees whether a replica follows its master', async () => {
    const replica = await TestRedis.start();
    const { port } = new URL(server.url);
    const its = new Redis(replica.url);
    const look = () => check(redisChecker, replica.url, { options: { role: 'replica' } });
    await its.replicaof('127.0.0.1', Number(port));
    await waitFor('the replica to be in step', async () => (await look()).ok);
    await its.replicaof('127.0.0.1', 1);
    expect(await look()).toMatchObject({
      ok: false,
      error: expect.stringMatching(/^This replica has lost its master/),
    });
    await its.config('SET', 'replica-serve-stale-data', 'no');
    expect(await check(redisChecker, replica.url)).toMatchObject({
      ok: false,
      error: 'This replica has lost its master',
    });
    its.disconnect();
    await replica.stop();
  });
});

describe('Redis checks against servers that misbehave', () => {
  let server: Listening | undefined;
  afterEach(() => server?.close());

  const answering = async (answer: string | Buffer): Promise<string> => {
    server = await listenRaw((socket) => socket.once('data', () => socket.write(answer)));
    return `redis://127.0.0.1:${server.port}`;
  };

  it.each([
    ['-LOADING Redis is loading the dataset in memory\r\n', 'Redis is loading its data'],
    ['-MISCONF Redis is configured to save RDB snapshots\r\n', 'Redis cannot save its data to disk'],
    ['-ERR max number of clients reached\r\n', 'Redis: max number of clients reached'],
    [
      '-DENIED Redis is running in protected mode\r\n',
      'Redis refuses connections from other machines (protected mode)',
    ],
    ['+PENG\r\n', 'The answer to PING is not PONG'],
    ['HTTP/1.1 400 Bad Request\r\n\r\n', 'The server does not speak Redis'],
    ['$-7\r\n', 'The server does not speak Redis'],
    [`$${2 ** 31}\r\n`, 'The server does not speak Redis'],
    ['*1\r\n'.repeat(100), 'The server does not speak Redis'],
    [`+${'x'.repeat(300_000)}`, 'The server does not speak Redis'],
  ])('%j', async (answer, error) => {
    expect(await check(redisChecker, await answering(answer))).toMatchObject({ ok: false, error });
    await server!.untilLeft();
  });

  it('reads an answer that comes in pieces', async () => {
    server = await listenRaw((socket) => {
      const parts = ['+', 'PO', 'NG', '\r', '\n'];
      const next = (): void => {
        const part = parts.shift();
        if (part) socket.write(part, () => setImmediate(next));
      };
      socket.once('data', next);
    });
    expect(await check(redisChecker, `redis://127.0.0.1:${server.port}`)).toMatchObject({ ok: true });
  });

  it.each([
    [() => undefined, /^Timed out after 150ms \(waiting for the answer\)$/],
    [(socket: { destroy(): void }) => socket.destroy(), /^Connection (closed|reset)/],
  ])('hangs or closes', async (talk, error) => {
    server = await listenRaw(talk);
    const result = await check(redisChecker, `redis://127.0.0.1:${server.port}`, { timeout_ms: 150 });
    expect(result).toMatchObject({ ok: false, error: expect.stringMatching(error), response_time_ms: null });
    await server.untilLeft();
  });

  it('speaks TLS, and notes the certificate', async () => {
    const tls = createTlsServer(certificate('valid'), (socket) =>
      socket.once('data', () => socket.write('+PONG\r\n')),
    );
    server = await listen(tls);
    const url = `rediss://127.0.0.1:${server.port}`;
    const trusted = await check(redisChecker, url, { options: { ca_certificate: CA } });
    expect(trusted).toMatchObject({
      ok: true,
      certificate: { trusted: true },
      phases: { tls: expect.any(Number) },
    });
    expect(await check(redisChecker, url)).toMatchObject({ ok: false, certificate: { trusted: false } });
    expect(await check(redisChecker, url, { verify_tls: false })).toMatchObject({ ok: true });
  });
});
