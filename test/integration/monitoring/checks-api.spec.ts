import { Worker } from 'bullmq';
import { DefaultEndpoints } from '../../../src/modules/monitoring/endpoints/default-endpoints.js';
import { JobWaiter } from '../../../src/modules/monitoring/manual-checks/job-waiter.js';
import { QueueBackend } from '../../../src/queues/queue-backend.js';
import { ApiClient } from '../../support/api-client.js';
import { waitFor } from '../../support/wait-for.js';
import { ApiUnderTest } from './api-under-test.js';
import { type LocalServer, startHttp } from './local-server.js';

const ENDPOINTS = '/health/api/endpoints';

describe('the API of checks and services', () => {
  let api: ApiUnderTest;
  let client: ApiClient;
  let reader: ApiClient;
  let target: LocalServer;
  let answer = 200;

  beforeAll(async () => {
    target = await startHttp((_, response) => {
      response.writeHead(answer).end('ok');
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
    answer = 200;
    await api.database.dataSource.query('TRUNCATE endpoints, checks CASCADE');
  });

  const create = async (settings: object) => {
    const { status, body } = await client.post(ENDPOINTS, settings);
    expect({ status, error: body.error }).toEqual({ status: 201, error: undefined });
    return body.data;
  };
  describe('checks out of turn', () => {
    it('say so when no worker is running', async () => {
      const { id } = await create({ name: 'Shop', url: target.url });
      for (const path of [`${ENDPOINTS}/${id}/check`, '/health/api/run-health-checks']) {
        const { status, body, headers } = await client.post(path, {});
        expect({ status, code: body.code }).toEqual({ status: 503, code: 'WORKER_UNAVAILABLE' });
        expect(headers.get('retry-after')).toBe('5');
      }
    });

    it('are given up when the server has to stop, before it waits for its requests', async () => {
      const stopping = await ApiUnderTest.start();
      const queues = stopping.app.get(QueueBackend);
      let taken = false;
      const options = { connection: queues.connection, prefix: 'watchkeep' };
      const stuck = new Worker('manual-checks', () => new Promise(() => void (taken = true)), options);
      try {
        const { body } = await stopping.writer.post(ENDPOINTS, {
          name: 'Shop',
          url: target.url,
          timeout: '1s',
        });
        const check = () => stopping.writer.post(`${ENDPOINTS}/${body.data.id}/check`, {});
        const given = check();
        await waitFor('the job to be taken', () => taken);
        await stopping.app.get(JobWaiter).beforeApplicationShutdown();
        for (const outcome of [await given, await check()]) {
          expect(outcome).toMatchObject({
            status: 503,
            body: { code: 'WORKER_UNAVAILABLE', error: 'This server is stopping.' },
          });
        }
      } finally {
        await stuck.close(true);
        await stopping.stop();
      }
    });

    it('wait for their results, which are stored and move the state', async () => {
      const { id } = await create({ name: 'Shop', url: target.url, interval: '1d' });
      await create({ name: 'Paused', url: target.url, enabled: false });
      await api.withWorker(async () => {
        const { status, body } = await client.post(`${ENDPOINTS}/${id}/check`, {});
        expect(status).toBe(200);
        expect(body.data).toEqual({
          at: expect.any(String),
          region: 'default',
          ok: true,
          status: 'operational',
          status_code: 200,
          error: null,
          response_time_ms: expect.any(Number),
          phases: {
            dns: null,
            connect: expect.any(Number),
            tls: null,
            first_byte: expect.any(Number),
            download: expect.any(Number),
          },
        });
        expect((await reader.get(`${ENDPOINTS}/${id}`)).body.data).toMatchObject({
          status: 'operational',
          last_checked: expect.any(String),
          response_time_ms: expect.any(Number),
        });

        answer = 500;
        const all = await client.post('/health/api/run-health-checks', { collect_metrics: true });
        expect(all.body.data).toMatchObject({
          checked: 1,
          failed: 1,
          checks: [
            {
              endpoint_id: id,
              endpoint: 'Shop',
              ok: false,
              status_code: 500,
              error: 'Expected 200-299, got 500',
            },
          ],
          metrics: { cpu_percent: expect.any(Number), database_connections: expect.any(Number) },
        });
        const one = await client.post('/health/api/run-health-checks', { endpoint: 'Shop' });
        expect(one.body.data).toMatchObject({ checked: 1, metrics: null });
        const nobody = await client.post('/health/api/run-health-checks', { endpoint: 'Nobody' });
        expect(nobody).toMatchObject({ status: 404, body: { code: 'ENDPOINT_NOT_FOUND' } });

        const list = await reader.get(`${ENDPOINTS}/${id}/checks?limit=2`);
        expect(list.body.data).toMatchObject({ limit: 2, page: 1, checks: [{ ok: false }, { ok: false }] });
        expect(list.body.data.total).toBeGreaterThanOrEqual(3);
        const before = await reader.get(`${ENDPOINTS}/${id}/checks?to=2020-01-01T00:00:00Z`);
        expect(before.body.data).toMatchObject({ total: 0, checks: [] });
        expect((await reader.get(`${ENDPOINTS}/${id}/checks?from=yesterday`)).status).toBe(400);
        expect(await reader.get(`${ENDPOINTS}/${id}/checks?from=1970-01-01T00:00:00Z`)).toMatchObject({
          status: 400,
          body: { code: 'VALIDATION_FAILED', details: [{ field: 'from' }] },
        });
        const month = new Date(Date.now() - 30 * 86_400_000).toISOString();
        // A scheduled check may have come meanwhile.
        const longer = await reader.get(`${ENDPOINTS}/${id}/checks?from=${month}`);
        expect(longer.body.data.total).toBeGreaterThanOrEqual(list.body.data.total);
      });
    });
  });

  describe('screens', () => {
    it('show what a worker finds by itself', async () => {
      await api.app.get(DefaultEndpoints).create(target.url);
      await api.app.get(DefaultEndpoints).create('http://ignored.test');
      await api.withWorker(() =>
        waitFor('all endpoints to be operational', async () => {
          const { body } = await client.withKey(undefined).get('/health/api/overview');
          return body.data.counts.operational === 4;
        }),
      );
      const overview = (await client.withKey(undefined).get('/health/api/overview')).body.data;
      expect(overview).toEqual({
        status: 'operational',
        total: 4,
        counts: {
          operational: 4,
          degraded: 0,
          partial_outage: 0,
          major_outage: 0,
          maintenance: 0,
          unknown: 0,
        },
        uptime_percent_24h: 100,
        uptime_percent_7d: 100,
        uptime_percent_30d: 100,
        uptime_percent_90d: 100,
        average_response_ms: expect.any(Number),
        last_checked: expect.any(String),
        timestamp: expect.any(String),
      });

      const { services, overall_health } = (await reader.get('/api/monitoring/services')).body.data;
      expect(overall_health).toBe('healthy');
      expect(services.map((service: { name: string }) => service.name)).toEqual([
        'Database',
        'Queue',
        'Monitoring',
        'API Root',
        'Health Check',
        'Health Overview API',
        'Swagger UI',
      ]);
      expect(services[0]).toEqual({
        name: 'Database',
        status: 'healthy',
        uptime_percent: 100,
        response_time_ms: expect.any(Number),
        last_checked: expect.any(String),
        details: { connections: expect.any(Number), max_connections: expect.any(Number) },
      });
      expect(services[2]).toMatchObject({
        status: 'healthy',
        uptime_percent: 100,
        details: {
          schedule_lag_ms: expect.any(Number),
          queue_age_ms: expect.any(Number),
          missed_slots_24h: 0,
          workers: 0,
          regions: [],
          network_lost: false,
        },
      });
      expect(services[3]).toMatchObject({
        status: 'healthy',
        uptime_percent: 100,
        details: { state: 'operational' },
      });

      const { body: uptime } = await reader.get('/api/monitoring/uptime');
      expect(uptime.data).toEqual({
        current_uptime_hours: 0,
        uptime_percent_24h: 100,
        uptime_percent_7d: 100,
        uptime_percent_30d: 100,
        incidents_count: 0,
        last_downtime: null,
      });
      const { body: metrics } = await reader.get('/health/api/metrics');
      expect(metrics.data).toMatchObject({
        latest: { host: expect.any(String) },
        last_24h: { cpu_percent: expect.any(Number) },
      });
      const { body: performance } = await reader.get('/api/monitoring/metrics?timeframe=24h');
      expect(performance.data).toMatchObject({
        cpu_usage_percent: expect.any(Number),
        memory_usage_percent: expect.any(Number),
        disk_usage_percent: expect.any(Number),
        network_io: { bytes_in: expect.any(Number), bytes_out: expect.any(Number) },
        active_connections: expect.any(Number),
        requests_per_minute: expect.any(Number),
        timeframe: '24h',
      });
      expect((await reader.get('/api/monitoring/metrics?timeframe=2h')).status).toBe(400);
    });

    it('weigh uptime by time, without what was not measured', async () => {
      const { id } = await create({ name: 'Shop', url: 'https://example.org/' });
      await create({ name: 'New', url: 'https://example.org/' });
      const hours = (count: number) => `now() - interval '${count} hours'`;
      await api.database.dataSource.query('DELETE FROM endpoint_state_intervals WHERE endpoint_id = $1', [
        id,
      ]);
      await api.database.dataSource.query(
        `INSERT INTO endpoint_state_intervals (endpoint_id, started_at, state, ended_at) VALUES
           ($1, ${hours(400)}, 'major_outage', ${hours(300)}),
           ($1, ${hours(300)}, 'operational', ${hours(12)}), ($1, ${hours(12)}, 'unknown', ${hours(8)}),
           ($1, ${hours(8)}, 'major_outage', ${hours(6)}), ($1, ${hours(6)}, 'maintenance', ${hours(4)}),
           ($1, ${hours(4)}, 'degraded', NULL)`,
        [id],
      );
      await api.database.dataSource.query(
        `UPDATE endpoint_status SET status = 'degraded' WHERE endpoint_id = $1`,
        [id],
      );
      // Up 12 + 4 of 18 measured hours.
      const percent = 88.888;
      expect((await reader.get(`${ENDPOINTS}/${id}`)).body.data.uptime_percent_24h).toBeCloseTo(percent, 2);
      const { body: list } = await reader.get(ENDPOINTS);
      expect(list.data.endpoints).toMatchObject([
        { name: 'New', uptime_percent_24h: null },
        { name: 'Shop' },
      ]);
      // An answer serves everybody for a second.
      const overview = await waitFor('a fresh overview', async () => {
        const { body } = await reader.get('/health/api/overview');
        return body.data.total === 2 && body.data;
      });
      expect(overview.status).toBe('degraded');
      expect(overview.uptime_percent_24h).toBeCloseTo(percent, 2);
      const { body: services } = await reader.get('/api/monitoring/services');
      expect(services.data.overall_health).toBe('degraded');
      const { body: uptime } = await reader.get('/api/monitoring/uptime');
      expect(uptime.data).toMatchObject({
        current_uptime_hours: 6,
        incidents_count: 2,
        last_downtime: expect.any(String),
      });
      expect(uptime.data.uptime_percent_24h).toBeCloseTo(percent, 2);
      expect(uptime.data.uptime_percent_30d).toBeLessThan(uptime.data.uptime_percent_7d);
    });
  });
});
