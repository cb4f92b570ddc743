import type { ApiClient } from '../../support/api-client.js';
import { waitFor } from '../../support/wait-for.js';
import { ApiUnderTest } from '../monitoring/api-under-test.js';

const WINDOWS = '/api/maintenance';
const NOWHERE = '01900000-0000-7000-8000-000000000000';
const HOUR = 3_600_000;

describe('the maintenance API', () => {
  let api: ApiUnderTest;
  let client: ApiClient;
  let reader: ApiClient;
  beforeAll(async () => {
    api = await ApiUnderTest.start();
    ({ writer: client, reader } = api);
  });
  afterAll(() => api.stop());
  beforeEach(() => api.database.dataSource.query('TRUNCATE endpoints, maintenance_windows CASCADE'));

  const fromNow = (milliseconds: number) => new Date(Date.now() + milliseconds).toISOString();
  const once = (from: number, to: number) => ({
    title: 'Database upgrade',
    all_endpoints: true,
    starts_at: fromNow(from),
    ends_at: fromNow(to),
  });
  const NIGHTLY = {
    title: 'Nightly',
    groups: ['Payment'],
    cron: '30 2 * * *',
    duration: '2h',
    time_zone: 'Europe/Berlin',
  };
  const create = async (settings: object) => {
    const { status, body } = await client.post(WINDOWS, settings);
    expect(body.error).toBeUndefined();
    expect(status).toBe(201);
    return body.data;
  };
  const patch = (id: string, changes: object) =>
    client.send('PATCH', `${WINDOWS}/${id}`, JSON.stringify(changes));
  const watch = async (name: string, more: object = {}) =>
    (
      await client.post('/health/api/endpoints', {
        name,
        url: 'http://127.0.0.1:9/',
        interval: '1h',
        ...more,
      })
    ).body.data.id as string;

  it('returns everything about a window', async () => {
    await watch('Shop');
    await watch('Pay', { group: 'Payment' });
    await watch('Off', { group: 'Payment', tags: ['x'], enabled: false });
    const made = await create(NIGHTLY);
    expect(made).toEqual({
      id: expect.any(String),
      title: 'Nightly',
      description: null,
      all_endpoints: false,
      endpoint_ids: [],
      groups: ['Payment'],
      tags: [],
      starts_at: null,
      ends_at: null,
      ended_at: null,
      cron: '30 2 * * *',
      duration: '2h',
      time_zone: 'Europe/Berlin',
      enabled: true,
      status: expect.stringMatching(/^(active|upcoming)$/),
      current: made.current,
      next_occurrences: expect.any(Array),
      endpoints: 2,
      managed_by: null,
      created_at: expect.any(String),
      updated_at: expect.any(String),
    });
    expect(made.next_occurrences).toHaveLength(5);
    for (const { starts_at, ends_at } of made.next_occurrences) {
      expect(Date.parse(ends_at) - Date.parse(starts_at)).toBe(2 * HOUR);
    }
    expect((await reader.get(`${WINDOWS}/${made.id}`)).body.data).toEqual(made);
  });

  it('says what a window is doing', async () => {
    const active = await create(once(-HOUR, HOUR));
    expect(active).toMatchObject({
      status: 'active',
      current: { starts_at: active.starts_at, ends_at: active.ends_at },
      next_occurrences: [],
    });
    const upcoming = await create(once(HOUR, 2 * HOUR));
    expect(upcoming).toMatchObject({ status: 'upcoming', current: null });
    expect(upcoming.next_occurrences).toEqual([{ starts_at: upcoming.starts_at, ends_at: upcoming.ends_at }]);
    expect(await create(once(-2 * HOUR, -HOUR))).toMatchObject({ status: 'past', current: null });
    expect(await create({ ...once(-HOUR, HOUR), enabled: false })).toMatchObject({
      status: 'disabled',
      current: null,
      next_occurrences: [],
    });
    const endless = await create({ ...NIGHTLY, cron: '0 * * * *' });
    expect(endless).toMatchObject({
      status: 'active',
      current: { starts_at: endless.created_at, ends_at: null },
      next_occurrences: [],
    });
  });

  it('lists windows, newest first, and those of a status, nearest first', async () => {
    const far = await create(once(5 * HOUR, 6 * HOUR));
    const near = await create(once(HOUR, 2 * HOUR));
    const active = await create(once(-HOUR, HOUR));
    const older = await create(once(-4 * HOUR, -3 * HOUR));
    const newer = await create(once(-2 * HOUR, -HOUR));
    const list = async (query: string) => {
      const { body } = await reader.get(`${WINDOWS}?${query}`);
      return { ...body.data, windows: body.data.windows.map(({ id }: { id: string }) => id) };
    };
    expect(await list('limit=2&offset=2')).toEqual({
      windows: [active.id, near.id],
      total: 5,
      page: 2,
      limit: 2,
    });
    expect(await list('offset=50')).toMatchObject({ windows: [], total: 5 });
    expect(await list('status=upcoming')).toMatchObject({ windows: [near.id, far.id], total: 2 });
    expect(await list('status=upcoming&limit=1&offset=1')).toMatchObject({ windows: [far.id], total: 2 });
    expect(await list('status=active')).toMatchObject({ windows: [active.id], total: 1 });
    expect(await list('status=past')).toMatchObject({ windows: [newer.id, older.id], total: 2 });
    expect(await list('status=disabled')).toMatchObject({ windows: [], total: 0 });
    expect((await reader.get(`${WINDOWS}?status=soon`)).body.details[0].field).toBe('status');
  });

  it('changes a window in part, or as a whole', async () => {
    const { id } = await create(NIGHTLY);
    expect((await patch(id, { duration: '90m', description: 'Backups' })).body.data).toMatchObject({
      title: 'Nightly',
      cron: '30 2 * * *',
      duration: '90m',
      description: 'Backups',
    });
    const { body } = await client.put(`${WINDOWS}/${id}`, once(HOUR, 2 * HOUR));
    expect(body.data).toMatchObject({
      cron: null,
      duration: null,
      groups: [],
      time_zone: 'UTC',
      description: null,
    });
    expect((await patch(id, { cron: '0 3 * * *' })).body.details).toMatchObject([{ field: 'duration' }]);
    expect((await patch(id, { title: '  New ' })).body.data.title).toBe('New');
  });

  it('takes back what it returned, though an endpoint of it is gone', async () => {
    const [gone, left] = [await watch('Gone'), await watch('Left')];
    const { id, ...made } = await create({ ...NIGHTLY, groups: [], endpoint_ids: [gone, left] });
    await client.delete(`/health/api/endpoints/${gone}`);
    const answers = [
      'ended_at',
      'status',
      'current',
      'next_occurrences',
      'endpoints',
      'managed_by',
      'created_at',
      'updated_at',
    ];
    const settings = Object.fromEntries(Object.entries(made).filter(([key]) => !answers.includes(key)));
    expect(await client.put(`${WINDOWS}/${id}`, settings)).toMatchObject({
      status: 200,
      body: { data: { endpoint_ids: [gone, left], endpoints: 1 } },
    });
  });

  it('ends what is in effect', async () => {
    const { id } = await create(once(-HOUR, HOUR));
    const { status, body } = await client.post(`${WINDOWS}/${id}/end`, {});
    expect(status).toBe(200);
    expect(body.data.status).toBe('past');
    expect(Date.now() - Date.parse(body.data.ended_at)).toBeLessThan(5_000);
    expect((await patch(id, { title: 'Done sooner' })).body.data).toMatchObject({ status: 'past' });
    expect((await patch(id, { ends_at: fromNow(2 * HOUR) })).body.data).toMatchObject({
      status: 'active',
      ended_at: null,
    });
    const hourly = await create({ ...NIGHTLY, cron: '* * * * *', duration: '1d' });
    expect((await client.post(`${WINDOWS}/${hourly.id}/end`, {})).body.data).toMatchObject({
      status: 'upcoming',
      current: null,
      ends_at: null,
    });
    for (const settings of [
      once(HOUR, 2 * HOUR),
      once(-2 * HOUR, -HOUR),
      { ...once(-HOUR, HOUR), enabled: false },
    ]) {
      const idle = await create(settings);
      expect(await client.post(`${WINDOWS}/${idle.id}/end`, {})).toMatchObject({
        status: 409,
        body: { code: 'CONFLICT' },
      });
    }
  });

  it('forgets a window that is deleted', async () => {
    const { id } = await create(NIGHTLY);
    expect((await client.delete(`${WINDOWS}/${id}`)).status).toBe(204);
    for (const attempt of [
      reader.get(`${WINDOWS}/${id}`),
      client.delete(`${WINDOWS}/${id}`),
      client.put(`${WINDOWS}/${id}`, NIGHTLY),
      patch(id, {}),
      client.post(`${WINDOWS}/${NOWHERE}/end`, {}),
    ]) {
      expect(await attempt).toMatchObject({ status: 404, body: { code: 'MAINTENANCE_NOT_FOUND' } });
    }
  });

  it.each([
    ['nothing', {}, ['title']],
    ['only a title', { title: 'Work' }, ['endpoint_ids', 'starts_at', 'ends_at']],
    [
      'null where there is no null',
      { ...NIGHTLY, title: null, groups: null, enabled: null },
      ['title', 'groups', 'enabled'],
    ],
    ['an empty scope', { ...NIGHTLY, groups: [] }, ['endpoint_ids']],
    ['endpoints that do not exist', { ...NIGHTLY, endpoint_ids: [NOWHERE] }, ['endpoint_ids']],
    ['ids that are none', { ...NIGHTLY, endpoint_ids: ['abc'] }, ['endpoint_ids']],
    ['a bad time zone', { ...NIGHTLY, time_zone: 'Mars/Olympus' }, ['time_zone']],
    ['an offset for a time zone', { ...NIGHTLY, time_zone: '+02:00' }, ['time_zone']],
    [
      'a bad cron and a bad duration',
      { ...NIGHTLY, cron: '30 25 * * *', duration: '2 hours' },
      ['cron', 'duration'],
    ],
    ['seconds in cron', { ...NIGHTLY, cron: '0 30 2 * * *' }, ['cron']],
    ['cron without duration', { ...NIGHTLY, duration: null }, ['duration']],
    ['a duration out of range', { ...NIGHTLY, duration: '15d' }, ['duration']],
    ['duration without cron', { ...NIGHTLY, cron: null }, ['duration', 'starts_at', 'ends_at']],
    ['a cron that never comes', { ...NIGHTLY, cron: '0 0 30 2 *' }, ['cron']],
    [
      'a cron that never comes within its bounds',
      { ...NIGHTLY, starts_at: '2030-01-01T03:00:00Z', ends_at: '2030-01-01T22:00:00Z' },
      ['cron'],
    ],
    [
      'an end before its start',
      {
        title: 'Work',
        all_endpoints: true,
        starts_at: '2030-01-02T00:00:00Z',
        ends_at: '2030-01-01T00:00:00Z',
      },
      ['ends_at'],
    ],
    [
      'a time that is none',
      { title: 'Work', all_endpoints: true, starts_at: 'soon', ends_at: 5 },
      ['starts_at', 'ends_at'],
    ],
    ['an unknown field', { ...NIGHTLY, foo: 1 }, ['foo']],
  ])('refuses %s', async (_, settings, fields) => {
    const { status, body } = await client.post(WINDOWS, settings);
    expect({ status, code: body.code }).toEqual({ status: 400, code: 'VALIDATION_FAILED' });
    const named = body.details.map((detail: { field: string }) => detail.field);
    expect(new Set(named)).toEqual(new Set(fields));
  });

  it('refuses callers that may not', async () => {
    expect((await reader.post(WINDOWS, NIGHTLY)).status).toBe(403);
    expect((await client.withKey(undefined).get(WINDOWS)).status).toBe(401);
    expect((await reader.get(`${WINDOWS}/abc`)).status).toBe(400);
  });

  it('a worker puts windows into effect, and takes them out of it', async () => {
    const id = await watch('Shop');
    const state = async () => (await reader.get(`/health/api/endpoints/${id}`)).body.data.status as string;
    await api.withWorker(async () => {
      const window = await create(once(-HOUR, HOUR));
      const asked = Date.now();
      await waitFor('maintenance', async () => (await state()) === 'maintenance');
      expect(Date.now() - asked).toBeLessThan(5_000);
      await client.delete(`${WINDOWS}/${window.id}`);
      await waitFor('the end of it', async () => (await state()) !== 'maintenance');
    });
  });
});
