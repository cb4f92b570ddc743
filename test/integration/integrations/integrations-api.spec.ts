import { ApiKeysService } from '../../../src/modules/auth/api-keys.service.js';
import { KIND_NAMES } from '../../../src/modules/integrations/kinds/integration-kinds.js';
import type { ApiClient } from '../../support/api-client.js';
import { listenPlain } from '../../support/sockets.js';
import { waitFor } from '../../support/wait-for.js';
import { ApiUnderTest } from '../monitoring/api-under-test.js';
import { type LocalServer, startHttp } from '../monitoring/local-server.js';

const INTEGRATIONS = '/api/settings/integrations';
const TOKEN = 'b0ttled-secret';

/* oxlint-disable typescript/no-explicit-any -- a test reads whatever shape it then asserts */

describe('the API of integrations', () => {
  let api: ApiUnderTest;
  let admin: ApiClient;
  let key: string;
  let slack: LocalServer;
  let alive = true;
  let posts = 0;

  beforeAll(async () => {
    slack = await startHttp((_request, response) => {
      posts++;
      if (alive) response.writeHead(400).end('no_text');
      else response.writeHead(404).end('no_service');
    });
    api = await ApiUnderTest.start();
    ({ key } = await api.app.get(ApiKeysService).create({ name: 'admin', permissions: ['admin'] }));
    admin = api.writer.withKey(key);
  });
  afterAll(async () => {
    await api.stop();
    await slack.close();
  });
  beforeEach(async () => {
    alive = true;
    posts = 0;
    await api.database.dataSource.query('TRUNCATE integrations CASCADE');
  });

  const slackSettings = (given: object = {}) => ({
    config: { webhook_url: `${slack.url}services/T0/B0/${TOKEN}`, channel: '#alerts' },
    ...given,
  });
  const put = async (name: string, body: unknown): Promise<any> => {
    const { status, body: answer } = await admin.put(`${INTEGRATIONS}/${name}`, body);
    expect({ status, error: answer.error, details: answer.details }).toMatchObject({ status: 200 });
    return answer.data;
  };
  const refused = async (name: string, body: unknown) => {
    const { status, body: answer } = await admin.put(`${INTEGRATIONS}/${name}`, body);
    return { status, code: answer.code, details: answer.details };
  };
  const listed = async (name: string): Promise<any> => {
    const { body } = await admin.get(INTEGRATIONS);
    expect(JSON.stringify(body)).not.toContain(TOKEN);
    return body.data.integrations.find((each: { name: string }) => each.name === name);
  };

  it('lists every kind before any is configured, with what it wants to know', async () => {
    const { body } = await admin.get(INTEGRATIONS);
    expect(body.data.integrations.map(({ name }: any) => name)).toEqual(KIND_NAMES);
    expect(body.data.integrations[0]).toEqual({
      name: 'email',
      kind: 'email',
      title: 'Email Service',
      configured: false,
      enabled: false,
      status: 'not_configured',
      config: {},
      health: {
        status: 'unknown',
        uptime_percent: null,
        response_time_ms: null,
        last_checked: null,
        error: null,
      },
      last_test: null,
      created_at: null,
      updated_at: null,
    });
    const twilio = body.data.kinds.find(({ kind }: any) => kind === 'twilio');
    expect(twilio.settings.properties.auth_token).toMatchObject({ type: 'string', writeOnly: true });
    expect(twilio.settings.properties.from.writeOnly).toBeUndefined();
    expect(twilio.settings.required).toEqual(['account_sid', 'auth_token']);
    for (const { settings } of body.data.kinds) {
      for (const property of Object.values<any>(settings.properties))
        expect(property.description).toBeTruthy();
    }
  });

  it('is for those who administer', async () => {
    for (const client of [api.reader, api.writer]) {
      for (const answer of [
        await client.get(INTEGRATIONS),
        await client.put(`${INTEGRATIONS}/slack`, slackSettings()),
        await client.delete(`${INTEGRATIONS}/slack`),
        await client.post(`${INTEGRATIONS}/slack/test`, {}),
      ]) {
        expect(answer.status).toBe(403);
      }
    }
  });

  it('keeps settings, hides secrets, and stores them sealed', async () => {
    const made = await put('slack', slackSettings());
    expect(made).toMatchObject({
      name: 'slack',
      kind: 'slack',
      configured: true,
      enabled: true,
      status: 'unknown',
      config: { webhook_url: '[hidden]', channel: '#alerts' },
    });
    expect(await listed('slack')).toEqual(made);
    const rows = await api.database.dataSource.query<object[]>('SELECT * FROM integrations');
    expect(JSON.stringify(rows)).not.toContain(TOKEN);
    const jobs = await api.database.dataSource
      .query<object[]>('SELECT * FROM watchkeep_queues.jobs')
      .catch(() => []);
    expect(JSON.stringify(jobs)).not.toContain(TOKEN);
  });

  it('keeps a secret that is sent back hidden, and proves it with a test', async () => {
    await put('slack', slackSettings());
    const changed = await put('slack', { config: { webhook_url: '[hidden]', channel: '#ops' } });
    expect(changed.config).toEqual({ webhook_url: '[hidden]', channel: '#ops' });
    const { status, body } = await admin.post(`${INTEGRATIONS}/slack/test`, {});
    expect(status).toBe(200);
    expect(body.data).toEqual({
      name: 'slack',
      ok: true,
      error: null,
      detail: 'The webhook is alive',
      proves: expect.stringContaining('Nothing is posted'),
      response_time_ms: expect.any(Number),
      tested_at: expect.any(String),
    });
    expect(posts).toBe(1);
    expect(await listed('slack')).toMatchObject({
      status: 'connected',
      last_test: expect.any(String),
      health: { status: 'healthy', error: null, response_time_ms: body.data.response_time_ms },
    });
  });

  it('says exactly what failed, in an answer like any other', async () => {
    alive = false;
    await put('slack', slackSettings());
    const { status, body } = await admin.post(`${INTEGRATIONS}/slack/test`, {});
    expect({ status, ...body.data }).toMatchObject({
      status: 200,
      ok: false,
      error: 'The webhook is dead: Slack answers 404 no_service',
      response_time_ms: null,
    });
    expect((await listed('slack')).status).toBe('disconnected');
  });

  it('has nothing to hide a marker for when nothing is stored', async () => {
    const body = { config: { webhook_url: '[hidden]' } };
    expect(await refused('slack', body)).toMatchObject({
      status: 400,
      code: 'VALIDATION_FAILED',
      details: [{ field: 'config.webhook_url', message: expect.stringContaining('no stored value') }],
    });
  });

  it('does not send a stored secret to an address that is new', async () => {
    const bot_token = `1:${TOKEN}`;
    await put('telegram', { config: { bot_token } });
    const elsewhere = { bot_token: '[hidden]', base_url: slack.url };
    expect(await refused('telegram', { config: elsewhere })).toMatchObject({
      status: 400,
      details: [{ field: 'config.base_url', message: expect.stringContaining('send them again') }],
    });
    await put('telegram', { config: { ...elsewhere, bot_token } });
  });

  it.each([
    ['slack', { config: {} }, 'config.webhook_url', 'is missing'],
    [
      'slack',
      { config: { webhook_url: 'ftp://x/' } },
      'config.webhook_url',
      'must be an http or https address',
    ],
    [
      'slack',
      { config: { webhook_url: 'https://u:p@x/' } },
      'config.webhook_url',
      'must not hold a user name',
    ],
    ['slack', { config: { webhook_url: 'https://x/', token: 'x' } }, 'config.token', 'is not a setting'],
    ['slack', { config: { webhook_url: 7 } }, 'config.webhook_url', 'must be a'],
    ['slack', { kind: 'discord', config: {} }, 'kind', 'must be slack'],
    ['ops', { config: {} }, 'kind', 'must be given'],
    ['ops', { kind: 'pigeon', config: {} }, 'kind', 'must be one of'],
    ['Ops%20Room', { kind: 'slack', config: {} }, 'name', 'must be up to 50'],
    ['email', { config: { host: 'h', from: 'x' } }, 'config.from', 'must be an e-mail address'],
    [
      'email',
      { config: { host: 'h', from: 'a@b.c', username: 'u' } },
      'config.password',
      'must come together',
    ],
    ['email', { config: { host: 'mail:25', from: 'a@b.cd' } }, 'config.host', 'without a port'],
    [
      'email',
      { config: { host: 'h', from: 'a@b.cd', username: 'a\r\nb', password: 'x' } },
      'config.username',
      'control characters',
    ],
    [
      'africas_talking',
      { config: { username: 'u', api_key: 'k', sender_id: '!' } },
      'config.sender_id',
      '2 to 11 letters',
    ],
    ['twilio', { config: { account_sid: 'x', auth_token: 'y' } }, 'config.account_sid', 'must be AC'],
    ['slack', { config: [] }, 'config', 'must be an object'],
    ['slack', { config: { webhook_url: 'https://x/' }, extra: 1 }, 'extra', 'should not exist'],
  ])('refuses for %s %j', async (name, body, field, message) => {
    const { status, details } = await refused(name, body);
    expect(status).toBe(400);
    expect(details).toContainEqual({ field, message: expect.stringContaining(message) });
  });

  it.each([
    ['twilio', { account_sid: `AC${'0'.repeat(32)}`, auth_token: 'x', from: '0171 555' }],
    ['africas_talking', { username: 'u', api_key: 'k', sender_id: '+12' }],
  ])('wants phone numbers for %s in E.164', async (name, config) => {
    expect(await refused(name, { config })).toMatchObject({ status: 400, code: 'INVALID_PHONE' });
  });

  it('holds several of one kind, by name', async () => {
    await put('slack', slackSettings());
    await put('ops-room', slackSettings({ kind: 'slack' }));
    expect(await refused('ops-room', slackSettings({ kind: 'discord' }))).toMatchObject({
      status: 400,
      details: [{ field: 'kind', message: expect.stringContaining('cannot change') }],
    });
    const { body } = await admin.get(INTEGRATIONS);
    const slacks = body.data.integrations.filter(({ kind }: any) => kind === 'slack');
    expect(slacks.map(({ name }: any) => name)).toEqual(['ops-room', 'slack']);
    const names = (await services()).map(({ name }: any) => name);
    expect(names).toEqual(expect.arrayContaining(['Slack', 'Slack (ops-room)']));
  });

  it('forgets one, and says so of one that is not there', async () => {
    await put('slack', slackSettings());
    expect((await admin.delete(`${INTEGRATIONS}/slack`)).status).toBe(204);
    expect((await listed('slack')).configured).toBe(false);
    for (const answer of [
      await admin.delete(`${INTEGRATIONS}/slack`),
      await admin.post(`${INTEGRATIONS}/slack/test`, {}),
    ]) {
      expect({ status: answer.status, code: answer.body.code }).toEqual({
        status: 404,
        code: 'INTEGRATION_NOT_FOUND',
      });
    }
  });

  const services = async (): Promise<any[]> =>
    (await api.reader.get('/api/monitoring/services')).body.data.services;

  it('shows a changed integration among the services once a worker has probed it', async () => {
    await put('slack', slackSettings());
    const service = async () => (await services()).find(({ name }: any) => name === 'Slack');
    expect(await service()).toEqual({
      name: 'Slack',
      status: 'unknown',
      uptime_percent: null,
      response_time_ms: null,
      last_checked: null,
      details: { integration: 'slack', kind: 'slack', enabled: true },
    });
    const live = await listenPlain(api.writer.url, key);
    await api.withWorker(async () => {
      await waitFor('the probe', async () => (await service()).status === 'healthy');
      alive = false;
      await put('slack', slackSettings({ config: { ...slackSettings().config, channel: '#new' } }));
      await waitFor('the failure', async () => (await service()).status === 'unhealthy');
      await waitFor('both frames', () => live.of('service_status_change').length === 2);
    });
    live.close();
    const frame = { service: 'Slack', integration: 'slack', at: expect.any(String) };
    expect(live.of('service_status_change')).toEqual([
      { ...frame, status: 'healthy' },
      { ...frame, status: 'unhealthy' },
    ]);
    const late = await listenPlain(api.writer.url, key, new Date(Date.now() - 60_000).toISOString());
    await waitFor('what was missed', () => late.of('service_status_change').length === 1);
    late.close();
    expect(late.of('service_status_change')).toEqual([{ ...frame, status: 'unhealthy' }]);
    expect((await service()).details.error).toBe('The webhook is dead: Slack answers 404 no_service');
    const { body } = await api.reader.get('/api/monitoring/services');
    expect(body.data.overall_health).toBe('degraded');
    expect(JSON.stringify(body)).not.toContain(TOKEN);
  });

  it('probes none that is disabled, unless somebody asks', async () => {
    const disabled = await put('slack', slackSettings({ enabled: false }));
    expect(disabled).toMatchObject({ enabled: false, status: 'disabled', health: { status: 'unknown' } });
    const { body } = await admin.post(`${INTEGRATIONS}/slack/test`, {});
    expect(body.data.ok).toBe(true);
    expect(await listed('slack')).toMatchObject({ status: 'disabled', last_test: null });
  });
});
