import { once } from 'node:events';
import type { Server } from 'node:http';
import net, { type AddressInfo } from 'node:net';
import type { ApiClient } from '../../support/api-client.js';
import { waitFor } from '../../support/wait-for.js';
import { ApiUnderTest } from '../monitoring/api-under-test.js';

const ENDPOINTS = '/health/api/endpoints';

describe('the addresses that endpoints report to', () => {
  let api: ApiUnderTest;
  let anyone: ApiClient;

  beforeAll(async () => {
    api = await ApiUnderTest.start();
    anyone = api.writer.withKey(undefined);
  });
  afterAll(() => api.stop());
  beforeEach(() => api.database.dataSource.query('TRUNCATE endpoints, checks CASCADE'));

  const make = async (settings: object = {}): Promise<{ id: string; path: string }> => {
    const { status, body } = await api.writer.post(ENDPOINTS, {
      name: 'Backup',
      kind: 'push',
      interval: '1h',
      ...settings,
    });
    expect({ status, details: body.details }).toEqual({ status: 201, details: undefined });
    return { id: body.data.id, path: new URL(body.data.push_url).pathname };
  };
  const get = async (id: string) => (await api.reader.get(`${ENDPOINTS}/${id}`)).body.data;
  const patch = (id: string, changes: object) =>
    api.writer.send('PATCH', `${ENDPOINTS}/${id}`, JSON.stringify(changes));

  it('are shown to callers that may write, and to nobody else', async () => {
    const { id, path } = await make();
    expect(path).toMatch(/^\/api\/push\/[\w-]{32}$/);
    const token = path.split('/').at(-1)!;
    const { body: one } = await api.reader.get(`${ENDPOINTS}/${id}`);
    const { body: list } = await api.reader.get(ENDPOINTS);
    const rows = await api.database.dataSource.query('SELECT * FROM endpoints');
    for (const place of [one, list, rows]) expect(JSON.stringify(place)).not.toContain(token);
    expect(one.data).toMatchObject({
      url: null,
      push_url: null,
      status: 'unknown',
      next_check_at: null,
      heartbeat: null,
      options: { schedule: { type: 'interval' }, grace: '1m', max_run_time: null },
    });
    expect((await api.writer.get(ENDPOINTS)).body.data.endpoints[0].push_url).toContain(token);
  });

  it('take GET, HEAD and POST, answer OK, and have stored it by then', async () => {
    const { id, path } = await make();
    for (const method of ['GET', 'POST', 'HEAD']) {
      const { status, body, headers } = await anyone.send<string>(method, path);
      expect({ status, body }).toEqual({ status: 200, body: method === 'HEAD' ? '' : 'OK' });
      expect(headers.get('cache-control')).toBe('no-store');
    }
    expect((await api.reader.get(`${ENDPOINTS}/${id}/checks`)).body.data.total).toBe(3);
    expect(await get(id)).toMatchObject({ status: 'operational', heartbeat: { last_kind: 'success' } });
  });

  it('tell start, failure and exit codes', async () => {
    const { id, path } = await make();
    await anyone.send('POST', `${path}/start`);
    expect(await get(id)).toMatchObject({
      status: 'unknown',
      heartbeat: { last_kind: 'start', run_started_at: expect.any(String), expected_at: expect.any(String) },
    });
    await anyone.get(`${path}/0`);
    expect(await get(id)).toMatchObject({
      status: 'operational',
      response_time_ms: expect.any(Number),
      heartbeat: { last_exit_code: 0, run_started_at: null, last_duration_ms: expect.any(Number) },
    });
    await anyone.get(`${path}/2?msg=no%20space`);
    expect(await get(id)).toMatchObject({
      status: 'major_outage',
      last_error: 'Ended with exit code 2: no space',
      heartbeat: { last_kind: 'fail', last_exit_code: 2, last_message: 'no space' },
    });
    await anyone.get(`${path}?status=up&ping=12.5&unknown=1`);
    expect(await get(id)).toMatchObject({ status: 'operational', response_time_ms: 12.5 });
    await anyone.get(`${path}/fail`);
    expect(await get(id)).toMatchObject({ status: 'major_outage', last_error: 'Reported as failed' });
    expect((await anyone.get(`${path}/stop`)).status).toBe(400);
  });

  it.each([
    ['text/plain', 'it ran'],
    ['application/x-www-form-urlencoded', 'it=ran'],
    ['application/json', '{"not": JSON'],
    ['application/octet-stream', 'it ran'],
  ])('keep a body of type %s as it is', async (type, text) => {
    const { id, path } = await make();
    expect((await anyone.send('POST', path, text, { 'Content-Type': type })).status).toBe(200);
    expect((await get(id)).heartbeat.last_message).toBe(text);
  });

  it('keep the first 10 KiB of a long output', async () => {
    const { id, path } = await make();
    expect(
      (await anyone.send('POST', path, 'x'.repeat(500_000), { 'Content-Type': 'text/plain' })).status,
    ).toBe(200);
    expect((await get(id)).heartbeat.last_message).toHaveLength(10_240);
    const long = 'y'.repeat(3_000_000);
    expect((await anyone.send('POST', path, long, { 'Content-Type': 'text/plain' })).status).toBe(200);
    expect((await get(id)).heartbeat.last_message).toBe(long.slice(0, 10_240));
  });

  it('store a report whose output has no end, and close behind the answer', async () => {
    const { id, path } = await make();
    const server: Server = api.app.getHttpServer();
    const socket = net.connect((server.address() as AddressInfo).port, '127.0.0.1');
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.on('error', () => undefined);
    socket.resume();
    socket.write(`POST ${path} HTTP/1.1\r\nHost: test\r\nContent-Length: 999999999\r\n\r\nBackup done`);
    const part = Buffer.alloc(1_024 * 1_024, 'x');
    const send = (): void => void (socket.writable && socket.write(part, send));
    send();
    await closed;
    await waitFor('the report', async () => (await get(id)).heartbeat !== null);
    expect((await get(id)).heartbeat.last_message).toMatch(/^Backup donexxx/);
  });

  it('change when they are rotated', async () => {
    const { id, path } = await make();
    const { body } = await api.writer.post(`${ENDPOINTS}/${id}/rotate-push-token`, {});
    const rotated = new URL(body.data.push_url).pathname;
    expect(rotated).not.toBe(path);
    expect((await anyone.get(rotated)).status).toBe(200);
    expect((await anyone.get(path)).status).toBe(404);
    expect((await api.reader.post(`${ENDPOINTS}/${id}/rotate-push-token`, {})).status).toBe(403);
    const { body: other } = await api.writer.post(ENDPOINTS, { name: 'Shop', url: 'https://shop.test/' });
    expect((await api.writer.post(`${ENDPOINTS}/${other.data.id}/rotate-push-token`, {})).status).toBe(400);
  });

  it('stay through changes and replacements, and end with the endpoint', async () => {
    const { id, path } = await make();
    await patch(id, { name: 'Nightly', options: { grace: '10m' } });
    await api.writer.put(`${ENDPOINTS}/${id}`, { name: 'Nightly', kind: 'push' });
    expect((await anyone.get(path)).status).toBe(200);
    await api.writer.delete(`${ENDPOINTS}/${id}`);
    expect((await anyone.get(path)).status).toBe(404);
  });

  it('let a new schedule count from when it is made, and wait for nothing while disabled', async () => {
    const { id, path } = await make();
    await anyone.get(path);
    const { body } = await patch(id, { interval: '10m', options: { grace: '5m' } });
    const wait = Date.parse(body.data.next_check_at) - Date.now();
    expect(wait).toBeGreaterThan(14.5 * 60_000);
    expect(wait).toBeLessThanOrEqual(15 * 60_000);
    expect((await patch(id, { enabled: false })).body.data).toMatchObject({
      status: 'unknown',
      next_check_at: null,
      heartbeat: { expected_at: null },
    });
    expect((await patch(id, { enabled: true })).body.data).toMatchObject({ next_check_at: null });
  });

  it('are watched by a worker', async () => {
    const { id, path } = await make({ interval: '1s', options: { grace: '0s' } });
    await anyone.get(path);
    await api.withWorker(() => waitFor('the outage', async () => (await get(id)).status === 'major_outage'));
    expect((await get(id)).last_error).toContain('No heartbeat since');
  });

  it('that nobody has are not found, and those who try many are held up', async () => {
    const { path } = await make();
    expect((await anyone.get(path)).status).toBe(200);
    const ask = () => anyone.get(`/api/push/${'a'.repeat(32)}`);
    expect(await ask()).toMatchObject({ status: 404, body: { code: 'ENDPOINT_NOT_FOUND' } });
    const answers = await Promise.all(Array.from({ length: 300 }, ask));
    const refused = answers.find(({ status }) => status === 429);
    expect(refused).toMatchObject({ body: { code: 'RATE_LIMIT_EXCEEDED' } });
    expect(refused!.headers.get('retry-after')).toBe('1');
    // Jobs that share the address with a stranger are still heard.
    expect((await anyone.get(path)).status).toBe(200);
  });

  it('leave nothing for a person to look at when somebody breaks off', async () => {
    const { path } = await make();
    const errors: unknown[] = [];
    const note = (message: unknown) => void errors.push(message);
    api.app.useLogger({ log: () => undefined, warn: () => undefined, error: note });
    const server: Server = api.app.getHttpServer();
    const arrived = once(server, 'connection') as Promise<[net.Socket]>;
    const asked = once(server, 'request');
    const socket = net.connect((server.address() as AddressInfo).port, '127.0.0.1');
    const [accepted] = await arrived;
    const left = new Promise((resolve) => accepted.once('close', resolve));
    socket.write(`POST ${path} HTTP/1.1\r\nHost: test\r\nContent-Length: 100\r\n\r\nhalf of it`);
    await asked;
    socket.destroy();
    await left;
    await anyone.get(path);
    api.app.useLogger(['error']);
    expect(errors).toEqual([]);
  });
});
