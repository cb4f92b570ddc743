import type { INestApplication } from '@nestjs/common';
import { ApiKeysService } from '../../../src/modules/auth/api-keys.service.js';
import { ApiClient } from '../../support/api-client.js';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.js';
import { startApi } from './api.js';

const TIME = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
const NUMBER = expect.any(Number);
const ORIGIN = 'https://dashboard.example.org';

describe('health documents', () => {
  let database: TestDatabase;
  let app: INestApplication;
  let client: ApiClient;
  const keys: Record<string, string> = {};

  beforeAll(async () => {
    database = await createTestDatabase();
    app = await startApi({
      DATABASE_URL: database.url,
      ENVIRONMENT: 'testing',
      CORS_ORIGINS: ORIGIN,
      PUBLIC_URL: 'https://watch.example.org',
    });
    client = new ApiClient(await app.getUrl());
    for (const permission of ['read', 'ingest'] as const) {
      const { key } = await app.get(ApiKeysService).create({ name: permission, permissions: [permission] });
      keys[permission] = key;
    }
  });
  afterAll(async () => {
    await app.close();
    await database.drop();
  });

  it('/health', async () => {
    const { status, body, headers } = await client.get('/health');
    expect(status).toBe(200);
    expect(body).toEqual({
      status: 'ok',
      timestamp: TIME,
      uptime: NUMBER,
      database: 'connected',
      activeSessions: 0,
    });
    expect(headers.get('cache-control')).toBe('no-store');
  });

  it('/status', async () => {
    const { status, body } = await client.get('/status');
    expect(status).toBe(200);
    expect(body).toEqual({
      api: { status: 'running', version: expect.stringMatching(/^\d+\.\d+\.\d+/), uptime: NUMBER },
      database: { status: 'connected', latency: NUMBER },
      sessions: { total: 0, connected: 0, pending: 0, disconnected: 0 },
      timestamp: TIME,
    });
  });

  it('/health/metrics counts what the pool and the driver really did', async () => {
    const read = () => client.get<{ database: Record<string, number> }>('/health/metrics');
    const { status, body } = await read();
    expect(status).toBe(200);
    expect(body).toEqual({
      uptime_seconds: NUMBER,
      timestamp: TIME,
      system: { cpu_percent: NUMBER, memory_percent: NUMBER, disk_percent: NUMBER },
      database: {
        connections_created: NUMBER,
        connections_closed: NUMBER,
        total_queries: NUMBER,
        failed_queries: NUMBER,
        success_rate: NUMBER,
        status: 'up',
      },
      redis: { status: 'disabled' },
    });
    await app.get(ApiKeysService).list();
    const after = (await read()).body.database;
    // The process asks for itself, too, now and then.
    expect(after['total_queries']).toBeGreaterThan(body.database['total_queries']!);
    expect(after['connections_created']).toBeGreaterThan(0);
  });

  it('/api/health', async () => {
    const { status, body } = await client.get('/api/health/');
    expect(status).toBe(200);
    expect(body).toEqual({
      status: expect.stringMatching(/^(ok|degraded)$/),
      timestamp: TIME,
      version: expect.any(String),
      environment: 'testing',
      debug: false,
      database: { status: 'ok', connection: 'active' },
      system: { cpu_percent: NUMBER, memory_percent: NUMBER, disk_percent: NUMBER },
      cors: { configured_origins: [ORIGIN], frontend_origin_allowed: true },
      endpoints: expect.objectContaining({ health: '/api/health', errors: '/api/errors' }),
    });
  });

  it.each([
    ['https://watch.example.org', true],
    [ORIGIN, true],
    ['https://elsewhere.example.org', false],
  ])('/api/health says whether %s may call the API: %s', async (origin, allowed) => {
    const { body } = await client.get('/api/health', { Origin: origin });
    expect(body).toMatchObject({ cors: { frontend_origin_allowed: allowed } });
  });

  it('/api/health speaks health+json when asked', async () => {
    const { body, headers } = await client.get('/api/health', { Accept: 'application/health+json' });
    expect(headers.get('content-type')).toMatch(/^application\/health\+json/);
    expect(body).toMatchObject({
      status: expect.stringMatching(/^(pass|warn)$/),
      checks: {
        'postgres:responseTime': [{ observedUnit: 'ms' }],
        'cpu:utilization': [{ observedUnit: 'percent' }],
      },
    });
  });

  describe('/metrics', () => {
    const read = (headers: Record<string, string>) => client.get<string>('/metrics', headers);
    const bearer = (key: string) => ({ Authorization: `Bearer ${key}` });

    it('needs a key that may read, in either header', async () => {
      expect((await read({})).status).toBe(401);
      expect((await read(bearer(keys['ingest']!))).status).toBe(403);
      expect((await read(bearer(keys['read']!))).status).toBe(200);
      expect((await read({ 'X-API-Key': keys['read']! })).status).toBe(200);
    });

    it.each([['*/*'], ['text/plain;version=0.0.4;q=0.5,*/*;q=0.1'], ['image/png'], ['text/html']])(
      'is the text of Prometheus for Accept: %s',
      async (accept) => {
        const { body, headers } = await read({ ...bearer(keys['read']!), Accept: accept });
        expect(headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
        expect(headers.get('cache-control')).toBe('no-store');
        expect(body).toMatch(/^watchkeep_http_requests_total \d+$/m);
        expect(body).toMatch(/^watchkeep_process_cpu_seconds_total \S+$/m);
        expect(body).toMatch(/^watchkeep_database_pool_connections{state="idle"} \d+$/m);
        expect(body).toMatch(/^watchkeep_system_used_percent{resource="memory"} \S+$/m);
        expect(body).toMatch(/^watchkeep_queue_jobs{queue="checks",state="waiting"} 0$/m);
      },
    );

    it('is OpenMetrics when asked for, and the names of the other format stay', async () => {
      for (const parameters of ['', ';version=1.0.0', '; version=1.0.0; escaping=allow-utf-8;q=0.6']) {
        const open = await read({
          ...bearer(keys['read']!),
          Accept: `application/openmetrics-text${parameters},text/plain;version=0.0.4;q=0.5,*/*;q=0.1`,
        });
        expect(open.headers.get('content-type')).toMatch(/^application\/openmetrics-text; version=1\.0\.0/);
        expect(open.body).toMatch(/^# TYPE watchkeep_http_requests counter$/m);
        expect(open.body).toMatch(/^watchkeep_http_requests_total \d+$/m);
        expect(open.body).toMatch(/^watchkeep_database_queries_total{outcome="ok"} \d+$/m);
        expect(open.body).toMatch(/# EOF\n$/);
      }
      const text = await read(bearer(keys['read']!));
      expect(text.body).toMatch(/^# TYPE watchkeep_http_requests_total counter$/m);
      expect(text.body).toMatch(/^watchkeep_database_queries_total{outcome="ok"} \d+$/m);
    });

    it('is a short JSON when asked for', async () => {
      const { body } = await client.get('/metrics', { ...bearer(keys['read']!), Accept: 'application/json' });
      expect(body).toEqual({
        requests: { total: NUMBER, success: NUMBER, errors: NUMBER },
        messages: { sent: 0, received: 0, failed: 0 },
        sessions: { created: 0, active: 0, deleted: 0 },
      });
    });
  });
});
