import { SecretBox } from '../../../src/common/secret-box.js';
import type { ApiClient } from '../../support/api-client.js';
import { ApiUnderTest } from './api-under-test.js';

const ENDPOINTS = '/health/api/endpoints';

describe('the API of endpoints of every kind', () => {
  let api: ApiUnderTest;
  let client: ApiClient;

  beforeAll(async () => {
    api = await ApiUnderTest.start();
    client = api.writer;
  });
  afterAll(() => api.stop());
  beforeEach(() => api.database.dataSource.query('TRUNCATE endpoints, checks CASCADE'));

  const create = async (settings: object) => {
    const { status, body } = await client.post(ENDPOINTS, settings);
    expect({ status, details: body.details }).toEqual({ status: 201, details: undefined });
    return body.data;
  };
  const patch = (id: string, changes: object) =>
    client.send('PATCH', `${ENDPOINTS}/${id}`, JSON.stringify(changes));
  const get = async (id: string) => (await api.reader.get(`${ENDPOINTS}/${id}`)).body.data;

  describe('dependencies', () => {
    it('exist, lead nowhere back, and go with the endpoint that they name', async () => {
      const router = await create({ name: 'Router', url: 'https://router.test/' });
      const shop = await create({ name: 'Shop', url: 'https://shop.test/', depends_on: [router.id] });
      const cart = await create({
        name: 'Cart',
        url: 'https://cart.test/',
        depends_on: [shop.id.toUpperCase()],
      });
      expect(cart.depends_on).toEqual([shop.id]);
      for (const target of [cart.id, router.id]) {
        expect(await patch(router.id, { depends_on: [target] })).toMatchObject({
          status: 400,
          body: { code: 'VALIDATION_FAILED', details: [{ field: 'depends_on' }] },
        });
      }
      expect((await client.delete(`${ENDPOINTS}/${router.id}`)).status).toBe(204);
      expect((await get(shop.id)).depends_on).toEqual([]);
    });

    it('that are down are named, the nearest first', async () => {
      const router = await create({ name: 'Router', url: 'https://router.test/' });
      const shop = await create({ name: 'Shop', url: 'https://shop.test/', depends_on: [router.id] });
      const cart = await create({ name: 'Cart', url: 'https://cart.test/', depends_on: [shop.id] });
      await api.database.dataSource.query(
        `UPDATE endpoint_status SET measured_status = 'major_outage', status = 'major_outage'
         WHERE endpoint_id = ANY($1::uuid[])`,
        [[router.id, shop.id]],
      );
      expect((await get(cart.id)).blocked_by).toEqual([shop.id, router.id]);
      const { body } = await api.reader.get(`${ENDPOINTS}?search=cart`);
      expect(body.data.endpoints[0].blocked_by).toEqual([shop.id, router.id]);
    });

    it('close no circle when two are made at once', async () => {
      const make = async (name: string): Promise<string> =>
        (await create({ name, url: 'https://shop.test/' })).id;
      const pairs: [string, string][] = [];
      for (let pair = 0; pair < 10; pair++) pairs.push([await make(`A ${pair}`), await make(`B ${pair}`)]);
      const statuses = await Promise.all(
        pairs.map(([a, b]) => Promise.all([patch(a, { depends_on: [b] }), patch(b, { depends_on: [a] })])),
      );
      for (const pair of statuses) {
        expect(pair.map(({ status }) => status).toSorted((x, y) => x - y)).toEqual([200, 400]);
      }
    });
  });

  it('regions are shown, unknown until a worker of theirs has checked', async () => {
    const { id } = await create({
      name: 'Shop',
      url: 'https://shop.test/',
      regions: ['eu', 'us'],
      quorum: 'all',
    });
    await api.database.dataSource.query(
      `INSERT INTO endpoint_region_status (endpoint_id, region, status, last_checked_at, last_response_ms)
       VALUES ($1, 'us', 'operational', now(), 12), ($1, 'gone', 'operational', now(), 1)`,
      [id],
    );
    expect((await get(id)).regions_status).toEqual([
      {
        region: 'eu',
        status: 'unknown',
        status_since: null,
        last_checked: null,
        response_time_ms: null,
        last_error: null,
      },
      expect.objectContaining({ region: 'us', status: 'operational', response_time_ms: 12 }),
    ]);
  });

  it('the certificate is shown with the days that are left', async () => {
    const { id } = await create({ name: 'Shop', url: 'https://shop.test/' });
    await api.database.dataSource.query(
      `INSERT INTO endpoint_certificates (endpoint_id, fingerprint, subject, issuer, names, valid_from, valid_to, trusted, problem, seen_at)
       VALUES ($1, 'f', 'shop.test', 'CA', '{shop.test}', now(), now() + interval '10.5 days', false, 'self-signed', now())`,
      [id],
    );
    expect((await get(id)).certificate).toEqual({
      subject: 'shop.test',
      issuer: 'CA',
      names: ['shop.test'],
      valid_to: expect.stringMatching(/Z$/),
      days_left: 10,
      trusted: false,
      problem: 'self-signed',
    });
  });

  describe('secret options', () => {
    const PROXY = 'http://proxy.test:8080';
    const made = () => create({ name: 'Shop', url: 'https://shop.test/', options: { proxy: PROXY } });
    const stored = async (id: string) => {
      const [row] = await api.database.dataSource.query<
        { options: object; secret_options_encrypted: string }[]
      >('SELECT options, secret_options_encrypted FROM endpoints WHERE id = $1', [id]);
      const sealed = row!.secret_options_encrypted;
      return { open: row!.options, secret: sealed && new SecretBox('s'.repeat(32)).open(sealed) };
    };

    it('are sealed, hidden, and kept by marker or when left out', async () => {
      const { id, options } = await made();
      expect(options).toMatchObject({ proxy: '[hidden]' });
      expect(await stored(id)).toEqual({
        open: expect.not.objectContaining({ proxy: PROXY }),
        secret: { proxy: PROXY },
      });
      await patch(id, { options: { proxy: '[hidden]', max_body_kb: 5 } });
      await patch(id, { options: { max_body_kb: 6 } });
      await client.put(`${ENDPOINTS}/${id}`, {
        name: 'Shop',
        url: 'https://shop.test/',
        options: { proxy: '[hidden]' },
      });
      expect((await stored(id)).secret).toEqual({ proxy: PROXY });
      expect((await patch(id, { options: { proxy: null } })).body.data.options).not.toHaveProperty('proxy');
      expect((await stored(id)).secret).toBeNull();
    });

    it('do not follow the endpoint to another origin', async () => {
      const { id } = await made();
      expect(await patch(id, { url: 'https://mine.test/' })).toMatchObject({
        status: 400,
        body: { details: [{ field: 'url' }] },
      });
      expect((await patch(id, { url: 'https://mine.test/', options: { proxy: null } })).status).toBe(200);
    });

    it('of others are not shown to another proxy', async () => {
      const { id } = await create({ name: 'Shop', url: 'http://shop.test/', headers: { 'X-Key': 'secret' } });
      expect(await patch(id, { options: { proxy: 'http://mine.test:1' } })).toMatchObject({
        status: 400,
        body: { details: [{ field: 'options.proxy' }] },
      });
    });
  });

  it('a push endpoint stays one, and cannot be asked', async () => {
    const { id } = await create({ name: 'Backup', kind: 'push' });
    expect(await patch(id, { kind: 'http', url: 'https://shop.test/' })).toMatchObject({
      status: 400,
      body: { details: [{ field: 'kind' }] },
    });
    expect((await client.post(`${ENDPOINTS}/${id}/check`, {})).status).toBe(400);
    expect((await api.reader.get(`${ENDPOINTS}/${id}/checks`)).status).toBe(200);
  });

  describe('a copy', () => {
    const clone = (id: string, given = {}) => client.post(`${ENDPOINTS}/${id}/clone`, given);

    it('has the same settings, secrets included, and a name of its own', async () => {
      const made = await create({
        name: 'Shop',
        url: 'https://shop.test/',
        headers: { 'X-Key': 'secret' },
        options: { max_body_kb: 5 },
        tags: ['a'],
      });
      const { status, body } = await clone(made.id);
      expect(status).toBe(201);
      expect(body.data).toMatchObject({
        name: 'Shop (copy)',
        headers: { 'X-Key': '[hidden]' },
        options: { max_body_kb: 5 },
        tags: ['a'],
        status: 'unknown',
        next_check_at: expect.any(String),
      });
      expect(body.data.id).not.toBe(made.id);
      expect((await clone(made.id)).status).toBe(409);
      expect((await clone(made.id, { name: ' Other ' })).body.data.name).toBe('Other');
      expect((await clone('01890000-0000-7000-8000-000000000000')).body.code).toBe('ENDPOINT_NOT_FOUND');
    });

    it('of a push endpoint has another address', async () => {
      const { id, push_url } = await create({ name: 'Backup', kind: 'push' });
      const copy = (await clone(id)).body.data;
      expect(copy.push_url).not.toBe(push_url);
      for (const url of [push_url, copy.push_url]) {
        expect((await client.get(new URL(url).pathname)).status).toBe(200);
      }
      expect((await get(copy.id)).status).toBe('operational');
    });
  });
});
