import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { ApiKeysService } from '../../../src/modules/auth/api-keys.service.js';
import { ApiClient } from '../../support/api-client.js';
import { waitFor } from '../../support/wait-for.js';
import { ApiUnderTest } from '../monitoring/api-under-test.js';
import { envelope, KEY_IN_DSN, makeProject, sendTo, type Sent } from './sending.js';

/** What Sentry’s SDKs send, to the whole API with a real database. */
describe('the addresses of Sentry’s SDKs', () => {
  let api: ApiUnderTest;
  let admin: ApiClient;
  let key: string;
  let number: string;

  beforeAll(async () => {
    api = await ApiUnderTest.start();
    const made = await api.app.get(ApiKeysService).create({ name: 'admin', permissions: ['admin'] });
    admin = api.writer.withKey(made.key);
    ({ key, number } = await project('Shop', { slug: 'shop', platform: 'node' }));
  }, 60_000);
  afterAll(() => api.stop());

  const project = (name: string, more?: object) => makeProject(api.writer, name, more);
  const send = (path: string, body: string | Buffer, headers?: Record<string, string>) =>
    sendTo(api.writer.url + path, body, headers);
  const errors = async (source: string): Promise<{ message: string; count: number; id: string }[]> =>
    (await api.reader.get(`/api/errors?source=${source}`)).body.data.errors;
  const address = (end = 'envelope'): string => `/api/${number}/${end}/?sentry_key=${key}&sentry_version=7`;

  describe('projects', () => {
    it('have a slug of their name, a number and a DSN, which can be read again', async () => {
      const { id, number: own } = await project('Müller’s Web Shop');
      const { body } = await api.reader.get(`/api/projects/${id}`);
      expect(body.data).toMatchObject({
        name: 'Müller’s Web Shop',
        slug: 'muller-s-web-shop',
        platform: null,
        number: Number(own),
        dsn: expect.stringMatching(KEY_IN_DSN),
      });
      const list = await api.reader.get('/api/projects');
      expect(list.body.data.projects).toContainEqual(body.data);
    });

    it('change by name and platform, and refuse a slug that is taken, or is a number', async () => {
      const { id } = await project('Old name', { slug: 'renamed' });
      const changed = await api.writer.send(
        'PATCH',
        `/api/projects/${id}`,
        '{"name":"New name","platform":"php"}',
      );
      expect(changed.body.data).toMatchObject({ name: 'New name', slug: 'renamed', platform: 'php' });
      expect(await api.writer.post('/api/projects', { name: 'x', slug: 'renamed' })).toMatchObject({
        status: 409,
      });
      expect(await api.writer.post('/api/projects', { name: 'x', slug: '42' })).toMatchObject({
        status: 400,
      });
      expect(await api.reader.post('/api/projects', { name: 'x' })).toMatchObject({ status: 403 });
    });

    it('go with their keys, and their numbers do not come back', async () => {
      const gone = await project('Gone');
      const path = `/api/${gone.number}/envelope/?sentry_key=${gone.key}`;
      expect((await send(path, envelope({ message: 'Gone' }))).status).toBe(200);
      expect((await api.writer.delete(`/api/projects/${gone.id}`)).status).toBe(403);
      expect((await admin.delete(`/api/projects/${gone.id}`)).status).toBe(204);
      expect((await send(path, envelope({ message: 'Gone' }))).status).toBe(403);
      expect((await project('Next')).number).not.toBe(gone.number);
      expect(await admin.get(`/api/projects/${gone.id}`)).toMatchObject({
        status: 404,
        body: { code: 'PROJECT_NOT_FOUND' },
      });
    });

    it('are made many at a time with a number each', async () => {
      const made = await Promise.all(Array.from({ length: 8 }, (_, index) => project(`Many ${index}`)));
      expect(new Set(made.map(({ number: each }) => each)).size).toBe(8);
    });

    it('are made of sources that report by themselves', async () => {
      await api.writer.post('/api/errors', { message: 'First', source: 'reports-by-rest' });
      await waitFor('the project', async () => {
        const { projects } = (await api.reader.get('/api/projects?limit=100')).body.data;
        return projects.some(
          ({ slug, dsn }: { slug: string; dsn: unknown }) => slug === 'reports-by-rest' && dsn === null,
        );
      });
    });
  });

  describe('keys', () => {
    it('that may ingest have a DSN, for the project of their first source', async () => {
      const wanted = { name: 'x', permissions: ['ingest'], sources: ['made-for-key'], errors_per_minute: 5 };
      const { body } = await admin.post('/api/settings/api-keys', wanted);
      expect(body.data).toMatchObject({ dsn: expect.stringMatching(KEY_IN_DSN), errors_per_minute: 5 });
      const { api_keys } = (await admin.get('/api/settings/api-keys')).body.data;
      expect(api_keys.find(({ id }: { id: string }) => id === body.data.id)).toMatchObject({
        dsn: body.data.dsn,
        errors_per_minute: 5,
      });
      const [, own, at] = KEY_IN_DSN.exec(body.data.dsn)!;
      expect((await send(`/api/${at}/envelope/?sentry_key=${own}`, envelope({ message: 'x' }))).status).toBe(
        200,
      );
      expect(await errors('made-for-key')).toHaveLength(1);
    });

    it('for any source report for the project default, and those that may only read have no DSN', async () => {
      const of = async (permissions: string[]) =>
        (await admin.post('/api/settings/api-keys', { name: 'x', permissions })).body.data.dsn;
      const [, , at] = KEY_IN_DSN.exec(await of(['ingest']))!;
      const { projects } = (await api.reader.get('/api/projects?limit=100')).body.data;
      expect(projects).toContainEqual(expect.objectContaining({ number: Number(at), slug: 'default' }));
      expect(await of(['read'])).toBeNull();
    });

    it('in a DSN may do nothing else', async () => {
      const asKey = api.writer.withKey(key);
      expect((await asKey.get('/api/errors')).status).toBe(401);
      expect((await asKey.post('/api/errors', { message: 'x' })).status).toBe(401);
    });
  });

  describe('authorisation', () => {
    const event = envelope({ message: 'Authorised' });

    it.each<[string, () => Promise<Sent>]>([
      ['in the address', () => send(address(), event)],
      [
        'in the address, without the last slash',
        () => send(`/api/${number}/envelope?sentry_key=${key}`, event),
      ],
      [
        'in X-Sentry-Auth',
        () =>
          send(`/api/${number}/envelope/`, event, {
            'X-Sentry-Auth': `Sentry sentry_version=7, sentry_client=sentry.python/2.0, sentry_key=${key}`,
          }),
      ],
      [
        'in Authorization',
        () => send(`/api/${number}/envelope/`, event, { Authorization: `Sentry sentry_key=${key}` }),
      ],
      [
        'in the DSN of the envelope',
        () =>
          send(
            `/api/${number}/envelope/`,
            envelope({ message: 'x' }, { dsn: `https://${key}@o1.example/${number}` }),
          ),
      ],
      ['with the slug of the project', () => send(`/api/shop/envelope/?sentry_key=${key}`, event)],
    ])('is taken %s', async (_, ask) => {
      expect(await ask()).toMatchObject({
        status: 200,
        body: { id: expect.stringMatching(/^[\da-f]{32}$/) },
      });
    });

    it('takes one of our keys in place of a public one', async () => {
      const { body } = await admin.post('/api/settings/api-keys', { name: 'x', permissions: ['write'] });
      expect((await send(`/api/${number}/envelope/?sentry_key=${body.data.key}`, event)).status).toBe(200);
      const reading = await admin.post('/api/settings/api-keys', { name: 'x', permissions: ['read'] });
      const refused = await send(`/api/${number}/envelope/?sentry_key=${reading.body.data.key}`, event);
      expect(refused.status).toBe(403);
    });

    it.each<[string, () => string]>([
      ['no key', () => `/api/${number}/envelope/`],
      ['an unknown key', () => `/api/${number}/envelope/?sentry_key=${'f'.repeat(32)}`],
      ['a key that is none', () => `/api/${number}/envelope/?sentry_key=x%27`],
      ['a project that is not there', () => `/api/99999/envelope/?sentry_key=${key}`],
      ['a project of others', () => `/api/default/envelope/?sentry_key=${key}`],
    ])('refuses %s with 403, and says why', async (_, path) => {
      const { status, headers, body } = await send(path(), event);
      expect(status).toBe(403);
      expect(headers.get('x-sentry-error')).toBe(body.detail);
    });
  });

  it('stores an event once, whatever way and however often it comes', async () => {
    const id = '9EC79C33-EC99-42AB-8353-589FCB2E04DC';
    const plain = '9ec79c33ec9942ab8353589fcb2e04dc';
    const event = { message: 'Only once', event_id: id };
    for (const [path, body] of [
      [address(), envelope({ message: 'Only once' }, { event_id: id })],
      [address(), envelope(event)],
      [address('store'), JSON.stringify(event)],
    ] as const) {
      expect(await send(path, body)).toMatchObject({ status: 200, body: { id: plain } });
    }
    expect((await errors('shop')).filter(({ message }) => message === 'Only once')).toMatchObject([
      { count: 1 },
    ]);
  });

  it.each<[string, (text: string) => Buffer]>([
    ['gzip', gzipSync],
    ['deflate', deflateSync],
    ['br', brotliCompressSync],
  ])('reads %s', async (encoding, compress) => {
    const body = compress(envelope({ message: `By ${encoding}` }));
    expect((await send(address(), body, { 'Content-Encoding': encoding })).status).toBe(200);
    expect((await errors('shop')).map(({ message }) => message)).toContain(`By ${encoding}`);
  });

  it('keeps the event beside things that it does not know', async () => {
    const attachment = '{"type":"attachment","length":5,"filename":"a"}\n{\n"x"';
    const body = envelope({ message: 'With company' }, {}, attachment, '{"type":"session"}', '{"sid":"1"}');
    expect((await send(address(), body)).status).toBe(200);
    expect((await send(address(), '{}\n{"type":"replay_video","length":1}\nx')).body).toEqual({});
  });

  it('takes envelopes that are larger than an event may be', async () => {
    const attachment = `{"type":"attachment","length":3000000}\n${'x'.repeat(3_000_000)}`;
    expect((await send(address(), envelope({ message: 'Small' }, {}, attachment))).status).toBe(200);
    const large = await send(address(), envelope({ message: 'Large', extra: { x: 'x'.repeat(3_000_000) } }));
    expect(large).toMatchObject({ status: 413, body: { detail: expect.stringContaining('1024 KiB') } });
    expect((await send(address(), 'x'.repeat(21_000_000))).status).toBe(413);
  });

  it.each([
    ['no envelope', 'x'],
    ['an event that is no object', '{}\n{"type":"event"}\n[]'],
    ['two events', '{}\n{"type":"event"}\n{}\n{"type":"event"}\n{}'],
    ['a check-in without a monitor', '{}\n{"type":"check_in"}\n{"status":"ok"}'],
  ])('refuses %s with 400, and says why', async (_, body) => {
    const { status, headers } = await send(address(), body);
    expect(status).toBe(400);
    expect(headers.get('x-sentry-error')).toMatch(/^[\x20-\x7e]+$/);
  });

  it('holds an event with text that PostgreSQL cannot', async () => {
    const event = { message: 'NUL \0 here', extra: { a: '\ud800', ['k\0']: 1 }, tags: { 't\0': 'v\0' } };
    expect((await send(address(), envelope(event))).status).toBe(200);
    expect((await errors('shop')).some(({ message }) => message.startsWith('NUL'))).toBe(true);
  });

  it('hides secrets wherever an event may hold them', async () => {
    const secret = 'hunter2-very-secret';
    const event = {
      exception: {
        values: [
          {
            type: 'Error',
            value: 'Hidden',
            stacktrace: {
              frames: [{ function: 'f', vars: { password: secret, deep: { api_key: secret } } }],
            },
          },
        ],
      },
      request: {
        url: `https://x.example/?token=${secret}`,
        headers: [['Authorization', `Bearer ${secret}`]],
        cookies: `sessionid=${secret}; theme=dark`,
        query_string: [['token', secret]],
        data: { user: { password: secret } },
        env: { DB_PASSWORD: secret },
      },
      breadcrumbs: [{ category: 'http', data: { Authorization: secret } }],
      contexts: { app: { client_secret: secret } },
      extra: { secret },
      tags: { auth_token: secret },
    };
    await send(address(), envelope(event));
    const { id } = (await errors('shop')).find(({ message }) => message === 'Error: Hidden')!;
    const { occurrences } = (await api.reader.get(`/api/errors/${id}/occurrences`)).body.data;
    expect(occurrences[0].details.exceptions[0].frames[0].vars.password).toBe('[Filtered]');
    expect(occurrences[0].details.request.cookies.theme).toBe('dark');
    expect(JSON.stringify([occurrences, (await api.reader.get(`/api/errors/${id}`)).body])).not.toContain(
      secret,
    );
  });

  describe('from pages', () => {
    const preflight = () =>
      fetch(`${api.writer.url}/api/${number}/envelope/`, {
        method: 'OPTIONS',
        headers: { Origin: 'https://shop.example', 'Access-Control-Request-Method': 'POST' },
      });

    it('are asked for from any origin', async () => {
      const { status, headers } = await preflight();
      expect(status).toBe(204);
      expect(headers.get('access-control-allow-origin')).toBe('*');
      expect(headers.get('access-control-allow-methods')).toBe('POST');
      expect(headers.get('access-control-allow-headers')).toContain('x-sentry-auth');
    });

    it('may read what the answer says about limits, also of a refusal', async () => {
      const { headers } = await send(`/api/${number}/envelope/`, '{}', { Origin: 'https://shop.example' });
      expect(headers.get('access-control-allow-origin')).toBe('*');
      expect(headers.get('access-control-expose-headers')).toBe(
        'x-sentry-error, x-sentry-rate-limits, retry-after',
      );
    });
  });

  describe('limits', () => {
    const limited = async (): Promise<string> => {
      const wanted = { name: 'x', permissions: ['ingest'], sources: ['shop'], errors_per_minute: 1 };
      const { body } = await admin.post('/api/settings/api-keys', wanted);
      return `/api/${number}/envelope/?sentry_key=${KEY_IN_DSN.exec(body.data.dsn)![1]}`;
    };

    it('are on errors alone, and other things of the same envelope count', async () => {
      const path = await limited();
      expect((await send(path, envelope({ message: 'One' }))).status).toBe(200);
      const report = JSON.stringify({
        discarded_events: [{ reason: 'before_send', category: 'error', quantity: 3 }],
      });
      const losses = `{"type":"client_report"}\n${report}`;
      const { status, headers } = await send(path, envelope({ message: 'Two' }, {}, losses));
      expect(status).toBe(429);
      expect(headers.get('x-sentry-rate-limits')).toMatch(/^([1-9]|[1-5]\d|60):error:key:key$/);
      expect(headers.get('retry-after')).toBe(headers.get('x-sentry-rate-limits')!.split(':')[0]);
      expect((await send(path, `{}\n${losses}`)).status).toBe(200);
      const counted = () =>
        api.database.dataSource.query(
          `SELECT sum(count)::int AS count FROM error_ledger WHERE outcome = 'client_discarded' AND reason = 'before_send'`,
        );
      await waitFor('both reports', async () => (await counted())[0].count === 6);
    });
  });
});
