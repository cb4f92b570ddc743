import { v7 } from 'uuid';
import { ApiKeysService } from '../../../src/modules/auth/api-keys.service.js';
import type { ApiClient } from '../../support/api-client.js';
import { listenPlain } from '../../support/sockets.js';
import { waitFor } from '../../support/wait-for.js';
import { ApiUnderTest } from '../monitoring/api-under-test.js';
import { insertEndpoints } from '../monitoring/monitoring-parts.js';

const PATH = '/api/alerts/incidents';

describe('the API of incidents', () => {
  let api: ApiUnderTest;
  let writer: ApiClient;
  let reader: ApiClient;
  beforeAll(async () => {
    api = await ApiUnderTest.start();
    ({ writer, reader } = api);
  });
  afterAll(() => api.stop());
  beforeEach(() => api.database.dataSource.query('TRUNCATE incidents, idempotency_keys CASCADE'));

  const create = async (given: object = {}) => {
    const answer = await writer.post(PATH, { title: 'It is slow', severity: 'minor', ...given });
    expect(answer.status).toBe(201);
    return answer.body.data;
  };
  const patch = (id: string, body: object) => writer.send('PATCH', `${PATH}/${id}`, JSON.stringify(body));
  const timeline = async (id: string) => (await reader.get(`${PATH}/${id}/updates`)).body.data.updates;

  it('opens one with its defaults, and shows it', async () => {
    const incident = await create();
    expect(incident).toEqual({
      id: expect.any(String),
      title: 'It is slow',
      description: '',
      severity: 'minor',
      status: 'investigating',
      source: 'manual',
      assigned_to: null,
      affected_endpoints: [],
      affected_count: 0,
      started_at: expect.any(String),
      resolved_at: null,
      created_at: incident.started_at,
      updated_at: incident.started_at,
    });
    expect((await reader.get(`${PATH}/${incident.id}`)).body.data).toEqual(incident);
    expect(await timeline(incident.id)).toMatchObject([
      {
        incident_id: incident.id,
        status: 'investigating',
        body: 'It is slow',
        public: true,
        author: 'write',
      },
    ]);
  });

  it('goes through its life: status, timeline, resolved, opened again, gone', async () => {
    const { id, started_at } = await create({ message: 'We look into it.', assigned_to: 'user-123' });
    const put = await writer.put(`${PATH}/${id}`, { status: 'identified' });
    expect(put.body.data).toMatchObject({
      status: 'identified',
      title: 'It is slow',
      assigned_to: 'user-123',
      started_at,
    });
    const said = await writer.post(`${PATH}/${id}/updates`, {
      body: 'Mended.',
      status: 'resolved',
      public: false,
    });
    expect(said).toMatchObject({ status: 201, body: { data: { status: 'resolved', public: false } } });
    const resolved = (await reader.get(`${PATH}/${id}`)).body.data;
    expect(resolved).toMatchObject({ status: 'resolved', resolved_at: said.body.data.at });
    expect((await patch(id, { title: 'It was slow', assigned_to: null })).body.data).toMatchObject({
      title: 'It was slow',
      assigned_to: null,
      resolved_at: resolved.resolved_at,
    });
    expect((await patch(id, { status: 'monitoring', severity: 'major' })).body.data).toMatchObject({
      status: 'monitoring',
      resolved_at: null,
    });
    expect((await timeline(id)).map((each: { body: string }) => each.body)).toEqual([
      'Status: monitoring. Severity: major.',
      'Mended.',
      'Status: identified.',
      'We look into it.',
    ]);
    expect((await writer.delete(`${PATH}/${id}`)).status).toBe(204);
    for (const answer of [
      await reader.get(`${PATH}/${id}`),
      await reader.get(`${PATH}/${id}/updates`),
      await writer.delete(`${PATH}/${id}`),
      await patch(id, { status: 'resolved' }),
      await writer.post(`${PATH}/${id}/updates`, { body: 'Hello?' }),
    ])
      expect(answer).toMatchObject({ status: 404, body: { code: 'INCIDENT_NOT_FOUND' } });
  });

  it('lists the newest first, by status, severity and whether they are open, and the same under /health', async () => {
    const at = (hour: number) => `2026-01-01T0${hour}:00:00.000Z`;
    await create({ title: 'a', started_at: at(1), status: 'resolved' });
    await create({ title: 'b', started_at: at(3), severity: 'critical' });
    await create({ title: 'c', started_at: at(2), status: 'monitoring' });
    const titles = async (query: string, path = PATH) => {
      const { incidents, total } = (await reader.get(`${path}?${query}`)).body.data;
      return [...incidents.map((each: { title: string }) => each.title), total];
    };
    expect(await titles('')).toEqual(['b', 'c', 'a', 3]);
    expect(await titles('', '/health/api/incidents')).toEqual(['b', 'c', 'a', 3]);
    expect(await titles('limit=1&offset=1')).toEqual(['c', 3]);
    expect(await titles('open=true')).toEqual(['b', 'c', 2]);
    expect(await titles('open=false')).toEqual(['a', 1]);
    expect(await titles('status=resolved')).toEqual(['a', 1]);
    expect(await titles('status=monitoring&severity=minor')).toEqual(['c', 1]);
    expect(await titles('status=resolved&open=true')).toEqual([0]);
    expect((await reader.get(`${PATH}?status=gone`)).status).toBe(400);
    expect((await reader.get(`${PATH}?limit=101`)).status).toBe(400);
  });

  it('names the endpoints that it concerns', async () => {
    const ids = await insertEndpoints(api.database.dataSource, [{}, {}, {}]);
    const { id, affected_endpoints, affected_count } = await create({ endpoint_ids: ids.slice(0, 2) });
    expect(affected_count).toBe(2);
    expect(affected_endpoints.map((each: { id: string }) => each.id).toSorted()).toEqual(
      ids.slice(0, 2).toSorted(),
    );
    const changed = (await patch(id, { endpoint_ids: [ids[2]] })).body.data;
    expect(changed.affected_endpoints).toEqual([{ id: ids[2], name: `Endpoint ${ids[2]}` }]);
    expect((await patch(id, { title: 'Still' })).body.data.affected_count).toBe(1);
    expect(await patch(id, { endpoint_ids: [v7()] })).toMatchObject({
      status: 400,
      body: { code: 'VALIDATION_FAILED', details: [{ field: 'endpoint_ids' }] },
    });
    expect((await reader.get(`${PATH}/${id}`)).body.data.affected_count).toBe(1);
  });

  it('counts a repeated Idempotency-Key once, also of requests at the same time', async () => {
    const send = (key: string, client = writer) =>
      client.post(PATH, { title: 'Once', severity: 'major' }, { 'Idempotency-Key': key });
    const answers = await Promise.all([send('a'), send('a'), send('a'), send('b')]);
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 201, 201]);
    expect(new Set(answers.slice(0, 3).map(({ body }) => body.data.id)).size).toBe(1);
    const first = answers[0];
    expect((await send('a')).body.data.id).toBe(first.body.data.id);
    expect((await reader.get(PATH)).body.data.total).toBe(2);
    expect(await timeline(first.body.data.id)).toHaveLength(1);
    await writer.delete(`${PATH}/${first.body.data.id}`);
    expect((await send('a')).body.data.id).not.toBe(first.body.data.id);
    expect(await send('x'.repeat(256))).toMatchObject({ status: 400, body: { code: 'VALIDATION_FAILED' } });
  });

  it('refuses what makes no sense, and those who may not', async () => {
    for (const given of [
      {},
      { title: '', severity: 'minor' },
      { title: 'x', severity: 'huge' },
      { title: 'x', severity: 'minor', colour: 1 },
    ])
      expect(await writer.post(PATH, given)).toMatchObject({
        status: 400,
        body: { code: 'VALIDATION_FAILED' },
      });
    const { id } = await create();
    for (const field of [
      'title',
      'description',
      'severity',
      'status',
      'endpoint_ids',
      'started_at',
      'message',
      'public',
    ])
      expect([field, (await patch(id, { [field]: null })).status]).toEqual([field, 400]);
    expect((await reader.post(PATH, { title: 'x', severity: 'minor' })).status).toBe(403);
    expect((await reader.withKey(undefined).get(PATH)).status).toBe(401);
    expect((await reader.get(`${PATH}/no-id`)).status).toBe(400);
  });

  it('is told to sockets: changed, gone, and what a client missed', async () => {
    const { key } = await api.app.get(ApiKeysService).create({ name: 'socket', permissions: ['read'] });
    const socket = await listenPlain(reader.url, key);
    const before = new Date().toISOString();
    const incident = await create();
    await waitFor('the incident', () => socket.of('incident').length > 0);
    expect(socket.of('incident')[0]).toEqual(incident);
    await writer.post(`${PATH}/${incident.id}/updates`, { body: 'More', status: 'identified' });
    await waitFor('the change', () => socket.of('incident')[1]?.status === 'identified');
    const late = await listenPlain(reader.url, key, before);
    await waitFor('the replay', () => late.of('incident')[0]?.id === incident.id);
    await writer.delete(`${PATH}/${incident.id}`);
    await waitFor('the end', () => socket.of('incident')[2]?.deleted === true);
    socket.close();
    late.close();
  });
});
