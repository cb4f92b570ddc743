import { ApiUnderTest } from '../monitoring/api-under-test.js';
import { makeProject, sendTo } from './sending.js';

/** Scheduled jobs that Sentry’s SDKs report, as push endpoints of ours. */
describe('check-ins', () => {
  let api: ApiUnderTest;
  let address: string;

  beforeAll(async () => {
    api = await ApiUnderTest.start();
    const { key, number } = await makeProject(api.writer, 'Shop', { slug: 'shop' });
    address = `${api.writer.url}/api/${number}/envelope/?sentry_key=${key}`;
  }, 60_000);
  afterAll(() => api.stop());

  const checkIn = (item: object) =>
    sendTo(address, `{}\n{"type":"check_in"}\n${JSON.stringify({ monitor_slug: 'nightly', ...item })}`);
  const monitor_config = { schedule: { type: 'interval', value: 1, unit: 'week' }, checkin_margin: 60 };
  const endpoint = async (name: string) => {
    const { endpoints } = (await api.reader.get('/health/api/endpoints')).body.data;
    const found = endpoints.find((each: { name: string }) => each.name === name);
    return found && (await api.reader.get(`/health/api/endpoints/${found.id}`)).body.data;
  };
  const id = (digit: string): string => digit.repeat(32);

  it('make a push endpoint that is watched as they say', async () => {
    expect((await checkIn({ status: 'in_progress', check_in_id: id('1'), monitor_config })).status).toBe(200);
    expect(await endpoint('nightly')).toMatchObject({
      kind: 'push',
      group: 'shop',
      interval: '1d',
      options: { schedule: { type: 'interval' }, grace: `${6 * 86_400 + 3_600}s`, max_run_time: '1800s' },
      heartbeat: { last_kind: 'start' },
    });
    await checkIn({ status: 'error', check_in_id: id('0') });
    expect(await endpoint('nightly')).toMatchObject({
      status: 'major_outage',
      heartbeat: { last_kind: 'fail', run_started_at: null },
    });
    await checkIn({ status: 'ok', check_in_id: id('1'), duration: 2 });
    expect(await endpoint('nightly')).toMatchObject({ status: 'operational' });
  });

  it('let a start pass that comes behind its end', async () => {
    await checkIn({ status: 'ok', check_in_id: id('2') });
    const { heartbeat } = await endpoint('nightly');
    expect(heartbeat).toMatchObject({ last_kind: 'success', run_started_at: null });
    await checkIn({ status: 'in_progress', check_in_id: id('2') });
    expect((await endpoint('nightly')).heartbeat).toEqual(heartbeat);
  });

  it('end, when start and end come at once, also the first time', async () => {
    const both = async (monitor_slug: string, digit: string): Promise<void> => {
      const run = { monitor_slug, check_in_id: id(digit) };
      const answers = await Promise.all([
        checkIn({ ...run, status: 'in_progress', monitor_config }),
        checkIn({ ...run, status: 'ok' }),
      ]);
      expect(answers.map(({ status }) => status)).toEqual([200, 200]);
      expect(await endpoint(monitor_slug)).toMatchObject({ heartbeat: { run_started_at: null } });
    };
    for (const digit of '3456789abcdef') {
      await Promise.all(['one', 'two', 'three', 'four'].map((name) => both(`quick-${name}`, digit)));
    }
  }, 30_000);

  it('apply settings that change, and leave alone what people have changed', async () => {
    const { id: endpointId } = await endpoint('nightly');
    await api.writer.send('PATCH', `/health/api/endpoints/${endpointId}`, '{"failure_threshold":3}');
    await checkIn({ status: 'ok', monitor_config });
    expect(await endpoint('nightly')).toMatchObject({ failure_threshold: 3 });
    await checkIn({
      status: 'ok',
      monitor_config: { schedule: { type: 'crontab', value: '*/5 * * * *' } },
    });
    expect(await endpoint('nightly')).toMatchObject({
      failure_threshold: 1,
      options: { schedule: { type: 'cron', expression: '*/5 * * * *', time_zone: 'UTC' }, grace: '60s' },
    });
  });

  it('count even when their settings make no sense', async () => {
    const before = (await endpoint('nightly')).heartbeat.last_ping_at;
    const bad = { schedule: { type: 'crontab', value: 'whenever' } };
    expect((await checkIn({ status: 'ok', monitor_config: bad })).status).toBe(400);
    expect((await endpoint('nightly')).heartbeat.last_ping_at > before).toBe(true);
  });

  it('find a push endpoint that was made for them, and no other', async () => {
    await api.writer.post('/health/api/endpoints', { name: 'by-hand', kind: 'push', group: 'shop' });
    await api.writer.post('/health/api/endpoints', { name: 'elsewhere', kind: 'push', group: 'other' });
    expect((await checkIn({ status: 'ok', monitor_slug: 'by-hand' })).status).toBe(200);
    expect(await endpoint('by-hand')).toMatchObject({ status: 'operational' });
    expect((await checkIn({ status: 'ok', monitor_slug: 'elsewhere' })).status).toBe(404);
    expect(await endpoint('elsewhere')).toMatchObject({ status: 'unknown' });
  });

  it('are limited by key: a DSN is no secret', async () => {
    const { key, number } = await makeProject(api.writer, 'Busy');
    const item = '{"type":"check_in"}\n{"monitor_slug":"unknown","status":"ok"}\n';
    const target = `${api.writer.url}/api/${number}/envelope/?sentry_key=${key}`;
    const limits: (string | null)[] = [];
    // Twice, should a minute end in between.
    for (let attempt = 0; attempt < 2; attempt++) {
      expect((await sendTo(target, `{}\n${item.repeat(600)}`)).status).toBeGreaterThanOrEqual(400);
      limits.push((await sendTo(target, `{}\n${item}`)).headers.get('x-sentry-rate-limits'));
    }
    expect(limits).toContainEqual(expect.stringMatching(/^\d+:monitor:key:key$/));
  }, 30_000);
});
