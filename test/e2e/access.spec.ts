import type { KeyPermission } from '../../src/common/access.js';
import { ApiClient } from '../support/api-client.js';
import { RunningProcess, RunningProduct, runCli } from '../support/running-product.js';
import { listenPlain, listenSocketIo } from '../support/sockets.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';
import { waitFor } from '../support/wait-for.js';

describe('access', () => {
  let database: TestDatabase;
  let product: RunningProduct;
  let secondApi: RunningProcess;

  beforeAll(async () => {
    database = await createTestDatabase();
    product = await RunningProduct.start({ databaseUrl: database.url, environment: { LOG_LEVEL: 'debug' } });
    secondApi = await RunningProcess.start('main.js', product.options);
  }, 60_000);
  afterAll(async () => {
    await Promise.all([product.stop(), secondApi.stop()]);
    await database.drop();
  });

  const makeKey = async (
    permissions: KeyPermission[],
    more: object = {},
  ): Promise<{ id: string; key: string }> =>
    (await product.client.post('/api/settings/api-keys', { name: permissions.join(), permissions, ...more }))
      .body.data;

  it('asks for a key, and refuses a wrong one', async () => {
    for (const key of [undefined, 'wk_live_wrong']) {
      const answer = await product.client.withKey(key).get('/api/errors');
      expect(answer).toMatchObject({ status: 401, body: { code: 'UNAUTHORIZED' } });
    }
  });

  it('guards reports as it guards everything else', async () => {
    const [report, list] = await Promise.all([
      product.client.post('/api/errors', { message: 'Compared' }),
      product.client.get('/api/errors'),
    ]);
    const names = (headers: Headers): string[] =>
      [...headers.keys()].filter((name) => !/^(?:ratelimit|cache-control|vary)/.test(name)).toSorted();
    expect(names(report.headers)).toEqual(names(list.headers));
    for (const name of ['content-security-policy', 'x-content-type-options', 'cross-origin-resource-policy'])
      expect(report.headers.get(name)).toBe(list.headers.get(name));
    const nobody = await product.client.withKey('wk_live_wrong').post('/api/errors', { message: 'x' });
    expect(nobody).toMatchObject({ status: 401, body: { code: 'UNAUTHORIZED' } });
  });

  it('takes the key as a bearer token too', async () => {
    const anonymous = new ApiClient(product.api.url);
    expect((await anonymous.get('/api/errors', { Authorization: `Bearer ${product.key}` })).status).toBe(200);
  });

  it.each<[KeyPermission, number, number, number, number]>([
    ['read', 403, 200, 403, 403],
    ['write', 201, 200, 201, 403],
    ['ingest', 201, 403, 403, 403],
    ['admin', 201, 200, 201, 200],
  ])(
    'lets a key with %s report, read, write and administer as the matrix says',
    async (permission, report, read, write, administer) => {
      const client = product.client.withKey((await makeKey([permission])).key);
      const endpoint = { name: `by ${permission}`, url: 'http://127.0.0.1:9/', enabled: false };
      expect((await client.post('/api/errors', { message: 'x' })).status).toBe(report);
      expect((await client.get('/api/errors')).status).toBe(read);
      expect((await client.post('/health/api/endpoints', endpoint)).status).toBe(write);
      expect((await client.get('/api/settings/api-keys')).status).toBe(administer);
    },
  );

  it('keeps an ingest key to its sources', async () => {
    const client = product.client.withKey((await makeKey(['ingest'], { sources: ['shop'] })).key);
    expect((await client.post('/api/errors', { message: 'x', source: 'shop' })).status).toBe(201);
    expect(await client.post('/api/errors', { message: 'x', source: 'billing' })).toMatchObject({
      status: 403,
      body: { code: 'FORBIDDEN' },
    });
  });

  it('shows a key once, and never stores it', async () => {
    const { key } = await makeKey(['read']);
    const list = await product.client.get('/api/settings/api-keys');
    expect(JSON.stringify(list.body)).not.toContain(key);
    expect(JSON.stringify(list.body)).toContain(`wk_live_****${key.slice(-4)}`);
    const [row] = await database.dataSource.query<{ text: string }[]>(
      `SELECT string_agg(api_keys::text, '') AS text FROM api_keys`,
    );
    expect(row!.text).not.toContain(key.slice(8));
  });

  it('refuses a revoked key at once in every process, and closes its sockets', async () => {
    const { id, key } = await makeKey(['read']);
    const other = new ApiClient(secondApi.url, key);
    expect((await other.get('/api/errors')).status).toBe(200);
    const sockets = [await listenPlain(secondApi.url, key), await listenSocketIo(secondApi.url, key)];
    expect((await product.client.delete(`/api/settings/api-keys/${id}`)).status).toBe(204);
    await waitFor('the refusal', async () => (await other.get('/api/errors')).status === 401, 1_000);
    await waitFor('the sockets to close', () => sockets.every((socket) => socket.closed), 1_000);
  });

  it('lets an expired key go, with its sockets', async () => {
    const { key } = await makeKey(['read'], { expires_at: new Date(Date.now() + 1_500).toISOString() });
    const socket = await listenPlain(product.api.url, key);
    await waitFor(
      'the refusal',
      async () => (await product.client.withKey(key).get('/api/errors')).status === 401,
      4_000,
    );
    await waitFor('the socket to close', () => socket.closed, 4_000);
  });

  it('refuses sockets without a good token, and those that may not read', async () => {
    const { key } = await makeKey(['ingest']);
    await expect(listenPlain(product.api.url, 'wrong')).rejects.toThrow('401');
    await expect(listenPlain(product.api.url, key)).rejects.toThrow('403');
    await expect(listenSocketIo(product.api.url, 'wrong')).rejects.toThrow('UNAUTHORIZED');
    await expect(listenSocketIo(product.api.url, key)).rejects.toThrow('FORBIDDEN');
  });

  it('serves every API process the events that any other causes', async () => {
    const socket = await listenPlain(secondApi.url, product.key);
    const { id } = (await product.client.post('/api/errors', { message: 'Caused elsewhere' })).body.data;
    await waitFor('the event', () => socket.of('new_error').some((data) => data.id === id));
    socket.close();
  });

  it('never writes a key to the log, however much is logged', () => {
    expect(product.api.output).toContain('/api/errors');
    expect(product.api.output + secondApi.output).not.toContain(product.key);
  });

  it('refuses plain HTTP where HTTPS is required, to sockets too, and believes the proxy it trusts', async () => {
    const api = await RunningProcess.start('main.js', {
      ...product.options,
      environment: { REQUIRE_HTTPS: 'true', TRUST_PROXY: 'loopback' },
    });
    const client = new ApiClient(api.url, product.key);
    expect(await client.get('/api/errors')).toMatchObject({ status: 403, body: { code: 'HTTPS_REQUIRED' } });
    const secure = await client.get('/api/errors', { 'X-Forwarded-Proto': 'https' });
    expect([secure.status, secure.headers.get('strict-transport-security')]).toEqual([
      200,
      expect.stringContaining('max-age'),
    ]);
    expect((await client.get('/health/live')).status).toBe(200);
    await expect(listenPlain(api.url, product.key)).rejects.toThrow('403');
    await expect(listenSocketIo(api.url, product.key)).rejects.toThrow('HTTPS_REQUIRED');
    await api.stop();
  });

  describe('set-up and sign-in', () => {
    const form = (fields: Record<string, string>): [string, Record<string, string>] => [
      new URLSearchParams(fields).toString(),
      { 'Content-Type': 'application/x-www-form-urlencoded' },
    ];
    const owner = { name: 'Ada', email: 'Ada@example.org', password: 'correct horse battery' };
    let cookie = '';

    it('gives the instance to whoever holds the link, once', async () => {
      const report = JSON.parse(await runCli(['setup', '--json'], product.options)) as {
        setup_url: string;
        api_key: string;
      };
      const token = new URL(report.setup_url).searchParams.get('token')!;
      const anonymous = new ApiClient(product.api.url);
      expect((await anonymous.get<string>(`/setup?token=${token}`)).body).toContain('<form');
      expect((await anonymous.get<string>('/setup?token=guess')).body).not.toContain('<form');

      const short = await anonymous.send<string>(
        'POST',
        '/setup',
        ...form({ ...owner, token, password: 'short' }),
      );
      expect(short).toMatchObject({
        status: 400,
        body: expect.stringContaining('longer than or equal to 12'),
      });
      const claimed = await anonymous.send('POST', '/setup', ...form({ ...owner, token }));
      expect(claimed.status).toBe(303);
      cookie = claimed.headers.get('set-cookie')!.split(';')[0]!;
      expect(claimed.headers.get('set-cookie')).toMatch(/HttpOnly.*SameSite=Lax/i);
      expect((await anonymous.send('POST', '/setup', ...form({ ...owner, token }))).status).toBe(403);
      expect(JSON.parse(await runCli(['setup', '--json'], product.options))).toMatchObject({
        setup_url: null,
        api_key: null,
      });
    });

    it('signs in by password, and not by a wrong one', async () => {
      const anonymous = new ApiClient(product.api.url);
      const wrong = await anonymous.post('/api/login', { email: owner.email, password: 'wrong' });
      const unknown = await anonymous.post('/api/login', { email: 'nobody@example.org', password: 'wrong' });
      expect([wrong.status, unknown.status]).toEqual([401, 401]);
      expect(wrong.body.error).toBe(unknown.body.error);
      const good = await anonymous.post('/api/login', { email: 'ada@example.org', password: owner.password });
      expect(good).toMatchObject({ status: 200, body: { data: { name: 'Ada', role: 'owner' } } });
    });

    it('takes the cookie for a session, and forgets it after sign-out', async () => {
      const anonymous = new ApiClient(product.api.url);
      const sessions = await anonymous.get('/api/sessions', { Cookie: cookie });
      expect(sessions.body.data.sessions).toHaveLength(2);
      expect((await anonymous.get('/api/user/profile', { Cookie: cookie })).body.data.email).toBe(
        'ada@example.org',
      );
      expect((await anonymous.send('POST', '/api/logout', undefined, { Cookie: cookie })).status).toBe(204);
      expect((await anonymous.get('/api/user/profile', { Cookie: cookie })).status).toBe(401);
    });

    it('refuses a change that another site asks a signed-in browser for', async () => {
      const anonymous = new ApiClient(product.api.url);
      const signIn = await anonymous.post('/api/login', { email: owner.email, password: owner.password });
      const own = signIn.headers.get('set-cookie')!.split(';')[0]!;
      const forged = await anonymous.post(
        '/api/errors',
        { message: 'x' },
        { Cookie: own, Origin: 'https://evil.example' },
      );
      expect(forged.status).toBe(403);
      const honest = await anonymous.post(
        '/api/errors',
        { message: 'x' },
        { Cookie: own, Origin: product.api.url },
      );
      expect(honest.status).toBe(201);
    });
  });
});
