import { ApiClient } from '../../support/api-client.js';
import { ApiUnderTest } from './api-under-test.js';
import { type LocalServer, startHttp } from './local-server.js';

const ENDPOINTS = '/health/api/endpoints';
const NOWHERE = '01890000-0000-7000-8000-000000000000';

const SETTINGS = [
  'name, group, kind, url, method, headers, body, auth, interval, timeout, expected_status_codes, retries',
  'retry_interval, failure_threshold, recovery_threshold, degraded_threshold_ms, options, assertions',
  'follow_redirects, verify_tls, regions, quorum, depends_on, tags, public, enabled',
].flatMap((line) => line.split(', '));

/** What of an endpoint a person sets. */
const settingsOf = (endpoint: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(SETTINGS.map((name) => [name, endpoint[name]]));

describe('the API of endpoints', () => {
  let api: ApiUnderTest;
  let client: ApiClient;
  let reader: ApiClient;
  let target: LocalServer;
  let seen: Record<string, string | string[] | undefined>[] = [];

  beforeAll(async () => {
    target = await startHttp((request, response) => {
      seen.push(request.headers);
      response.end('ok');
    });
    api = await ApiUnderTest.start();
    client = api.writer;
    reader = api.reader;
  });
  afterAll(async () => {
    await api.stop();
    await target.close();
  });
  beforeEach(async () => {
    seen = [];
    await api.database.dataSource.query('TRUNCATE endpoints, checks CASCADE');
  });

  const create = async (settings: object) => {
    const { status, body } = await client.post(ENDPOINTS, settings);
    expect({ status, error: body.error }).toEqual({ status: 201, error: undefined });
    return body.data;
  };
  const patch = (id: string, changes: object) =>
    client.send('PATCH', `${ENDPOINTS}/${id}`, JSON.stringify(changes));

  describe('endpoints', () => {
    it('are created with defaults, exactly in the shape of the contract', async () => {
      const before = Date.now();
      const made = await create({ name: 'API Root', url: 'https://example.org/' });
      expect(made).toEqual({
        id: expect.any(String),
        name: 'API Root',
        group: null,
        kind: 'http',
        url: 'https://example.org/',
        method: 'GET',
        headers: {},
        body: null,
        auth: null,
        interval: '1m',
        timeout: '10s',
        expected_status_codes: ['200-299'],
        retries: 1,
        retry_interval: '10s',
        failure_threshold: 2,
        recovery_threshold: 1,
        degraded_threshold_ms: null,
        options: { http_version: '1.1', max_body_kb: 1024 },
        assertions: [],
        follow_redirects: 5,
        verify_tls: true,
        regions: [],
        quorum: 'majority',
        depends_on: [],
        tags: [],
        public: true,
        enabled: true,
        push_url: null,
        managed_by: null,
        status: 'unknown',
        status_since: expect.any(String),
        flapping: false,
        held: false,
        maintenance: false,
        blocked_by: [],
        last_error: null,
        certificate: null,
        regions_status: [],
        heartbeat: null,
        last_checked: null,
        response_time_ms: null,
        uptime_percent_24h: null,
        next_check_at: expect.any(String),
        created_at: expect.any(String),
        updated_at: expect.any(String),
      });
      expect(Date.parse(made.next_check_at)).toBeGreaterThanOrEqual(before);
      expect(Date.parse(made.next_check_at)).toBeLessThanOrEqual(Date.now());
      expect((await reader.get(`${ENDPOINTS}/${made.id}`)).body.data).toEqual(made);
    });

    it('what was returned can be sent back', async () => {
      const { id, ...made } = await create({
        name: 'Shop',
        url: 'https://example.org/',
        headers: { 'X-Key': 'secret' },
        auth: { type: 'bearer', token: 'secret' },
        interval: '90s',
        tags: ['a'],
      });
      const settings = settingsOf(made);
      const { status, body } = await client.put(`${ENDPOINTS}/${id}`, settings);
      expect(status).toBe(200);
      expect(body.data).toMatchObject(settings);
    });

    it('are listed by name, in pages', async () => {
      for (const name of ['c', 'a', 'b']) await create({ name, url: 'https://example.org/' });
      const { body } = await reader.get(`${ENDPOINTS}?limit=2&offset=1`);
      expect(body.data).toMatchObject({
        total: 3,
        page: 1,
        limit: 2,
        endpoints: [{ name: 'b' }, { name: 'c' }],
      });
      expect((await reader.get(`${ENDPOINTS}?limit=abc`)).body.code).toBe('VALIDATION_FAILED');
      expect((await reader.get(`${ENDPOINTS}?limit=101`)).status).toBe(400);
    });

    it('change in part, or as a whole', async () => {
      const { id } = await create({ name: 'Shop', url: 'https://example.org/', group: 'Web', retries: 3 });
      expect((await patch(id, { interval: '5m' })).body.data).toMatchObject({
        group: 'Web',
        retries: 3,
        interval: '5m',
      });
      const { body } = await client.put(`${ENDPOINTS}/${id}`, { name: 'Shop', url: 'https://example.org/' });
      expect(body.data).toMatchObject({ group: null, retries: 1, interval: '1m' });
    });

    it('have names of their own', async () => {
      await create({ name: 'Shop', url: 'https://example.org/' });
      const { id } = await create({ name: 'Other', url: 'https://example.org/' });
      for (const attempt of [
        client.post(ENDPOINTS, { name: 'Shop', url: 'https://example.org/' }),
        client.put(`${ENDPOINTS}/${id}`, { name: ' Shop ', url: 'https://example.org/' }),
        patch(id, { name: 'Shop' }),
      ]) {
        expect(await attempt).toMatchObject({ status: 409, body: { code: 'CONFLICT' } });
      }
    });

    it('disappear when deleted', async () => {
      const { id } = await create({ name: 'Shop', url: 'https://example.org/' });
      expect((await client.delete(`${ENDPOINTS}/${id}`)).status).toBe(204);
      for (const attempt of [
        reader.get(`${ENDPOINTS}/${id}`),
        reader.get(`${ENDPOINTS}/${id}/checks`),
        client.delete(`${ENDPOINTS}/${id}`),
        client.put(`${ENDPOINTS}/${id}`, { name: 'a', url: 'https://example.org/' }),
        patch(id, {}),
        client.post(`${ENDPOINTS}/${NOWHERE}/check`, {}),
      ]) {
        expect(await attempt).toMatchObject({ status: 404, body: { code: 'ENDPOINT_NOT_FOUND' } });
      }
    });

    it('are not known while disabled, and due at once when enabled again', async () => {
      const { id } = await create({ name: 'Shop', url: 'https://example.org/' });
      await api.database.dataSource.query(`UPDATE endpoint_status SET status = 'operational'`);
      expect((await patch(id, { enabled: false })).body.data).toMatchObject({
        status: 'unknown',
        next_check_at: null,
      });
      expect((await patch(id, { name: 'Renamed' })).body.data).toMatchObject({ next_check_at: null });
      const { body } = await patch(id, { enabled: true });
      expect(Date.now() - Date.parse(body.data.next_check_at)).toBeLessThan(5_000);
      const open = await api.database.dataSource.query(
        'SELECT state FROM endpoint_state_intervals WHERE ended_at IS NULL',
      );
      expect(open).toEqual([{ state: 'unknown' }]);
    });

    it('are due at once when what is checked changes, and not for a new label', async () => {
      const { id } = await create({ name: 'Shop', url: 'https://example.org/' });
      const later = new Date(Date.now() + 60_000);
      await api.database.dataSource.query('UPDATE endpoint_status SET next_check_at = $1', [later]);
      expect((await patch(id, { tags: ['x'], group: 'g', public: false })).body.data.next_check_at).toBe(
        later.toISOString(),
      );
      const { body } = await patch(id, { url: 'https://example.org/other' });
      expect(Date.parse(body.data.next_check_at)).toBeLessThan(later.getTime());
    });

    it.each([
      ['nothing', {}, ['name', 'url']],
      [
        'null where there is no null',
        { name: null, interval: null, enabled: null, headers: null },
        ['name', 'interval', 'enabled', 'headers'],
      ],
      ['an unknown field', { foo: 1 }, ['foo']],
      ['another protocol', { url: 'ftp://example.org/' }, ['url']],
      ['credentials in the address', { url: 'http://me:secret@example.org/' }, ['url']],
      ['an interval out of range', { interval: '500ms', timeout: '2m' }, ['interval', 'timeout']],
      ['an interval that is no duration', { interval: 60 }, ['interval']],
      ['no status codes', { expected_status_codes: [] }, ['expected_status_codes']],
      ['bad status codes', { expected_status_codes: ['299-200'] }, ['expected_status_codes']],
      ['headers of the connection', { headers: { 'Content-Length': '3' } }, ['headers']],
      ['a bad header', { headers: { 'X-A': 'a\r\nb' } }, ['headers']],
      ['auth without secret', { auth: { type: 'basic', username: 'me' } }, ['auth.password']],
      ['a list for auth', { auth: [] }, ['auth']],
      [
        'what no endpoint can be',
        { kind: 'carrier-pigeon', assertions: {}, regions: ['EU!'], quorum: 'most', depends_on: ['a'] },
        ['kind', 'assertions', 'regions', 'quorum', 'depends_on'],
      ],
      ['options that the kind has not', { options: { record_type: 'A' } }, ['options.record_type']],
      ['a dependency on nothing', { depends_on: [NOWHERE] }, ['depends_on']],
      ['a marker that stands for nothing', { headers: { 'X-A': '[hidden]' } }, ['headers.X-A']],
    ])('refuse %s', async (_, settings, fields) => {
      const valid = Object.keys(settings).length > 0 ? { name: 'Shop', url: 'https://example.org/' } : {};
      const { status, body } = await client.post(ENDPOINTS, { ...valid, ...settings });
      expect({ status, code: body.code }).toEqual({ status: 400, code: 'VALIDATION_FAILED' });
      const named = new Set(body.details.map((detail: { field: string }) => detail.field));
      expect([...named]).toEqual(expect.arrayContaining(fields));
    });

    it.each([
      'http://169.254.169.254/latest/',
      'http://2852039166/',
      'http://[::ffff:a9fe:a9fe]/',
      'http://metadata.google.internal/',
    ])('refuse %s as a target, when created and when changed', async (url) => {
      const { id } = await create({ name: 'Shop', url: 'https://example.org/' });
      for (const attempt of [client.post(ENDPOINTS, { name: 'Meta', url }), patch(id, { url })]) {
        expect(await attempt).toMatchObject({ status: 400, body: { code: 'TARGET_REFUSED' } });
      }
    });

    it('refuse ids that are none, and callers that may not', async () => {
      expect(await reader.get(`${ENDPOINTS}/abc`)).toMatchObject({
        status: 400,
        body: { code: 'VALIDATION_FAILED' },
      });
      expect((await reader.post(ENDPOINTS, { name: 'a', url: 'https://example.org/' })).status).toBe(403);
      expect((await reader.post('/health/api/run-health-checks', {})).status).toBe(403);
      expect((await client.withKey(undefined).get(ENDPOINTS)).status).toBe(401);
    });
  });

  describe('secrets', () => {
    const secrets = {
      headers: { 'X-Api-Key': 'header-secret' },
      auth: { type: 'basic', username: 'me', password: 'auth-secret' },
    };

    it('can be read neither from answers nor from the table', async () => {
      const made = await create({ name: 'Shop', url: 'https://example.org/', ...secrets });
      expect(made).toMatchObject({
        headers: { 'X-Api-Key': '[hidden]' },
        auth: { type: 'basic', username: 'me', password: '[hidden]' },
      });
      const rows = await api.database.dataSource.query('SELECT * FROM endpoints');
      for (const place of [made, rows, (await reader.get(ENDPOINTS)).body]) {
        expect(JSON.stringify(place)).not.toMatch(/header-secret|auth-secret/);
      }
    });

    it('stay when their markers come back, and are sent with the check', async () => {
      const { id } = await create({ name: 'Shop', url: target.url, ...secrets });
      await patch(id, {
        headers: { 'x-api-key': '[hidden]', 'X-New': 'n' },
        auth: { type: 'basic', username: 'you', password: '[hidden]' },
      });
      await patch(id, { interval: '5m' });
      await api.withWorker(() => client.post(`${ENDPOINTS}/${id}/check`, {}));
      expect(seen[0]).toMatchObject({
        'x-api-key': 'header-secret',
        'x-new': 'n',
        authorization: `Basic ${Buffer.from('you:auth-secret').toString('base64')}`,
      });
    });

    it.each([
      ['left out of a change', 'PATCH', {}],
      ['kept by marker', 'PATCH', { headers: { 'X-Api-Key': '[hidden]' }, auth: null }],
      ['kept in part', 'PATCH', { headers: { Accept: 'text/html' } }],
      ['kept by marker in a replacement', 'PUT', { auth: { ...secrets.auth, password: '[hidden]' } }],
    ])('do not follow the endpoint to another origin: %s', async (_, method, changes) => {
      const { id } = await create({ name: 'Shop', url: 'https://example.org/', ...secrets });
      const send = (url: string) =>
        client.send(method, `${ENDPOINTS}/${id}`, JSON.stringify({ name: 'Shop', url, ...changes }));
      for (const url of ['https://mine.example/', 'http://example.org/', 'https://example.org:444/']) {
        expect(await send(url)).toMatchObject({
          status: 400,
          body: { code: 'VALIDATION_FAILED', details: [{ field: 'url' }] },
        });
      }
      expect((await send('https://EXAMPLE.org:443/other')).status).toBe(200);
    });

    it('let the endpoint move when they are sent again or given up, or when there are none', async () => {
      const { id } = await create({ name: 'Shop', url: 'https://example.org/', ...secrets });
      expect((await patch(id, { url: 'https://example.com/', ...secrets })).status).toBe(200);
      expect((await patch(id, { url: 'https://example.net/', headers: {}, auth: null })).status).toBe(200);
      expect((await patch(id, { url: 'https://example.org/' })).status).toBe(200);
    });

    describe('that another SECRET_KEY sealed', () => {
      const sealed = { headers_encrypted: 'v1:sealed-headers', auth_encrypted: 'v1:sealed-auth' };
      let id: string;
      beforeEach(async () => {
        ({ id } = await create({ name: 'Shop', url: 'https://example.org/' }));
        await api.database.dataSource.query(
          'UPDATE endpoints SET headers_encrypted = $1, auth_encrypted = $2',
          Object.values(sealed),
        );
      });
      const stored = async () => {
        const [row] = await api.database.dataSource.query<object[]>(
          'SELECT headers_encrypted, auth_encrypted FROM endpoints',
        );
        return row;
      };

      it('stay as they are when something else changes', async () => {
        expect((await patch(id, { name: 'Renamed' })).status).toBe(200);
        expect(await stored()).toEqual(sealed);
        expect((await patch(id, { url: 'https://mine.example/' })).status).toBe(400);
      });

      it('are replaced one by one, or given up', async () => {
        expect((await patch(id, { auth: { type: 'bearer', token: 't' } })).status).toBe(200);
        expect(await stored()).toEqual({ ...sealed, auth_encrypted: expect.not.stringMatching('sealed') });
        expect((await patch(id, { headers: {}, auth: null })).status).toBe(200);
        expect(await stored()).toEqual({ headers_encrypted: null, auth_encrypted: null });
      });
    });
  });
});
