import type {
  EndpointUptimeDto,
  UptimeBarsListDto,
} from '../../../src/modules/monitoring/statistics/dto/uptime.dto.js';
import type { StateIntervalListDto } from '../../../src/modules/monitoring/statistics/dto/states.dto.js';
import type { ResponseTimesDto } from '../../../src/modules/monitoring/statistics/dto/response-times.dto.js';
import { v7 } from 'uuid';
import type { Answer, Envelope } from '../../support/api-client.js';
import { waitFor } from '../../support/wait-for.js';
import { ApiUnderTest } from '../monitoring/api-under-test.js';
import { DAY, historyFrom, HOUR, insertChecks, insertHistory } from './statistics-parts.js';

/** A real API over a real worker that rolls up as it starts. */
describe('uptime and response times over HTTP', () => {
  let api: ApiUnderTest;
  let id: string;
  let other: string;
  const now = Date.now();
  const created = now - 3 * DAY;

  beforeAll(async () => {
    api = await ApiUnderTest.start();
    const { dataSource } = api.database;
    id = await insertHistory(
      dataSource,
      historyFrom(created, [
        ['operational', 2 * DAY],
        ['major_outage', HOUR],
        ['degraded', HOUR],
        ['operational', 1],
      ]),
    );
    other = await insertHistory(dataSource, historyFrom(created, [['unknown', 1]]));
    await dataSource.query(`UPDATE endpoints SET group_name = 'Web', name = 'A' WHERE id = $1`, [id]);
    const today = Math.floor(now / DAY) * DAY;
    const checks = Array.from({ length: 24 }, (_, hour) => ({
      endpoint_id: id,
      checked_at: today - DAY + hour * HOUR + 1_000,
      region: 'default',
      ok: true,
      response_time_ms: hour + 1,
    }));
    await insertChecks(dataSource, checks);
    await api.withWorker(() =>
      waitFor('the roll-up of a worker that starts', async () => {
        const rows = await dataSource.query<{ done: boolean }[]>(
          `SELECT done_to >= date_trunc('day', now() - interval '6 minutes', 'UTC') AS done FROM rollup_progress
           WHERE name IN ('check_days', 'endpoint_days')`,
        );
        return rows.every((row) => row.done);
      }),
    );
  });
  afterAll(() => api.stop());

  const get = async <T>(path: string): Promise<T> => {
    const { status, body } = await api.reader.get(`/health/api${path}`);
    expect({ path, status }).toEqual({ path, status: 200 });
    return body.data as T;
  };
  const refusal = ({ status, body }: Answer<Envelope>) => [status, body.code, body.details?.[0]?.field];

  it('shows windows and months', async () => {
    const { windows, months } = await get<EndpointUptimeDto>(`/endpoints/${id}/uptime`);
    expect(windows.map((each) => each.window)).toEqual(['24h', '7d', '30d', '90d', '1y']);
    const [, week] = windows;
    expect(week!.states.major_outage).toBe(HOUR);
    expect(week!.coverage_percent).toBe(100);
    expect(week!.uptime_percent).toBeCloseTo(100 * (1 - 1 / 72), 2);
    expect(new Date(week!.from).getTime()).toBe(created);
    expect(months.at(-1)!.month).toBe(new Date(created).toISOString().slice(0, 7));
    expect((await get<EndpointUptimeDto>(`/endpoints/${other}/uptime`)).windows[1]).toMatchObject({
      uptime_percent: null,
      coverage_percent: 0,
    });
  });

  it('shows the days of a page, of a group and of chosen endpoints', async () => {
    const all = await get<UptimeBarsListDto>('/uptime');
    expect(all).toMatchObject({ total: 2, page: 1, limit: 50 });
    expect(all.endpoints.map((each) => each.days.length)).toEqual([90, 90]);
    const group = await get<UptimeBarsListDto>('/uptime?group=Web&days=5');
    expect(group).toMatchObject({ total: 1, endpoints: [{ endpoint_id: id, group: 'Web' }] });
    const [bars] = group.endpoints;
    expect(bars!.days).toHaveLength(5);
    expect(bars!.days.at(-1)!.day).toBe(new Date().toISOString().slice(0, 10));
    expect(bars!.days[0]).toEqual({ day: expect.any(String), uptime_percent: null, states: {} });
    const chosen = await get<UptimeBarsListDto>(`/uptime?ids=${other},${v7()}`);
    expect(chosen).toMatchObject({ total: 1, endpoints: [{ endpoint_id: other }] });
    expect((await get<UptimeBarsListDto>('/uptime?limit=1&offset=1')).endpoints).toHaveLength(1);
  });

  it('shows response times by the hour and by the day', async () => {
    const path = `/endpoints/${id}/response-times`;
    const from = new Date(Math.floor(now / DAY) * DAY - DAY).toISOString();
    const days = await get<ResponseTimesDto>(`${path}?step=1d&from=${from}`);
    expect(days.series).toHaveLength(2);
    expect(days.series[0]).toMatchObject({ at: from, count: 24, failed: 0, min: 1, max: 24, avg: 12.5 });
    expect(days.total.p50! / 12).toBeCloseTo(1, 1);
    const hours = await get<ResponseTimesDto>(`${path}?from=${from}`);
    expect(hours.step).toBe('1h');
    expect(hours.series.slice(0, 24).map((each) => each.avg)).toEqual(
      Array.from({ length: 24 }, (_, hour) => hour + 1),
    );
    expect((await get<ResponseTimesDto>(`${path}?region=mars`)).total).toMatchObject({ count: 0, p99: null });
  });

  it('lists the states, newest first', async () => {
    const page = await get<StateIntervalListDto>(`/endpoints/${id}/states?limit=2`);
    expect(page).toMatchObject({
      total: 4,
      states: [
        { state: 'operational', ended_at: null },
        { state: 'degraded', duration_ms: HOUR },
      ],
    });
    const from = new Date(created + 2 * DAY).toISOString();
    expect((await get<StateIntervalListDto>(`/endpoints/${id}/states?from=${from}`)).total).toBe(3);
    expect((await get<StateIntervalListDto>(`/endpoints/${id}/states?to=${from}`)).total).toBe(1);
  });

  it('keeps the shapes of the overview and of the uptime of all', async () => {
    const overview = await get<Record<string, unknown>>('/overview');
    expect(overview).toMatchObject({
      total: 2,
      uptime_percent_24h: expect.any(Number),
      uptime_percent_7d: expect.any(Number),
      uptime_percent_30d: expect.any(Number),
      uptime_percent_90d: expect.any(Number),
    });
    const { body } = await api.reader.get('/api/monitoring/uptime');
    expect(body.data).toEqual({
      current_uptime_hours: expect.any(Number),
      uptime_percent_24h: overview['uptime_percent_24h'],
      uptime_percent_7d: overview['uptime_percent_7d'],
      uptime_percent_30d: overview['uptime_percent_30d'],
      incidents_count: 1,
      last_downtime: new Date(created + 2 * DAY).toISOString(),
    });
    expect(body.data.current_uptime_hours).toBeCloseTo(23, 0);
  });

  it('says what is wrong', async () => {
    const ask = async (path: string) => refusal(await api.reader.get(`/health/api${path}`));
    const unknown = v7();
    for (const path of ['uptime', 'response-times', 'states'])
      expect(await ask(`/endpoints/${unknown}/${path}`)).toEqual([404, 'ENDPOINT_NOT_FOUND', undefined]);
    expect(await ask(`/endpoints/${id}/response-times?step=1m&from=2026-01-01&to=2026-02-01`)).toEqual([
      400,
      'VALIDATION_FAILED',
      'from',
    ]);
    expect(await ask(`/endpoints/${id}/response-times?from=2026-02-01&to=2026-01-01`)).toEqual([
      400,
      'VALIDATION_FAILED',
      'from',
    ]);
    expect(await ask(`/endpoints/${id}/response-times?step=5m`)).toEqual([400, 'VALIDATION_FAILED', 'step']);
    expect(await ask('/uptime?ids=1,2')).toEqual([400, 'VALIDATION_FAILED', 'ids']);
    expect(await ask('/uptime?days=91')).toEqual([400, 'VALIDATION_FAILED', 'days']);
    const { status } = await api.reader.withKey(undefined).get('/health/api/uptime');
    expect(status).toBe(401);
  });
});
