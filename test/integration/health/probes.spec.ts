import type { INestApplication } from '@nestjs/common';
import { ShutdownState } from '../../../src/common/shutdown-state.js';
import type { HealthJsonDto } from '../../../src/modules/health/dto/health-json.dto.js';
import type { ReadinessDto } from '../../../src/modules/health/dto/probes.dto.js';
import { ApiClient } from '../../support/api-client.js';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.js';
import { waitFor } from '../../support/wait-for.js';
import { startApi } from './api.js';
import { FaultyProxy } from './faulty-proxy.js';

const TIME = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
const HEALTH_JSON = { Accept: 'application/health+json' };
/** Below the second that Kubernetes waits by default. */
const PROBE_PATIENCE_MS = 1_000;
/** Long enough for answers to grow old, and for connections to be given up and made anew. */
const SEVERAL_ROUNDS_MS = 3_000;

describe('probes', () => {
  let database: TestDatabase;
  let proxy: FaultyProxy;
  let app: INestApplication;
  let client: ApiClient;

  beforeAll(async () => {
    database = await createTestDatabase();
    proxy = await FaultyProxy.beforeDatabase(database.url);
    app = await startApi({ DATABASE_URL: throughPort(database.url, proxy.port) });
    client = new ApiClient(await app.getUrl());
  });
  afterAll(async () => {
    await app.close();
    await proxy.stop();
    await database.drop();
  });

  const readiness = () => client.get<ReadinessDto>('/health/ready');
  const isReady = async () => (await readiness()).status === 200;

  it('live says that the process lives', async () => {
    const { status, body, headers } = await client.get('/health/live');
    expect(status).toBe(200);
    expect(body).toEqual({ status: 'alive', timestamp: TIME, uptime_seconds: expect.any(Number) });
    expect(headers.get('cache-control')).toBe('no-store');
  });

  it('ready looks at the database and the queue, and at no Redis that is not there', async () => {
    const { status, body, headers } = await readiness();
    expect(status).toBe(200);
    expect(body).toEqual({
      status: 'ready',
      timestamp: TIME,
      uptime_seconds: expect.any(Number),
      checks: {
        database: { status: 'healthy', message: 'Database connected' },
        queue: { status: 'healthy', message: 'Queue connected' },
      },
    });
    expect(headers.get('cache-control')).toBe('no-store');
  });

  it('ready speaks health+json when asked', async () => {
    const { status, body, headers } = await client.get<HealthJsonDto>('/health/ready', HEALTH_JSON);
    expect(status).toBe(200);
    expect(headers.get('content-type')).toMatch(/^application\/health\+json/);
    expect(headers.get('vary')).toContain('Accept');
    const passing = { observedValue: expect.any(Number), observedUnit: 'ms', status: 'pass', time: TIME };
    expect(body).toEqual({
      status: 'pass',
      version: expect.any(String),
      releaseId: expect.any(String),
      checks: {
        'postgres:responseTime': [{ componentType: 'datastore', ...passing }],
        'queue:responseTime': [{ componentType: 'component', ...passing }],
      },
    });
  });

  it('ready asks the database once a second, however many ask', async () => {
    await waitFor('the last answer to grow old', async () => {
      const before = proxy.probes;
      await readiness();
      return proxy.probes > before;
    });
    const before = proxy.probes;
    await Promise.all(Array.from({ length: 50 }, readiness));
    expect(proxy.probes).toBe(before);
  });

  describe.each([
    ['hangs', async () => proxy.hang(), async () => proxy.resume()],
    ['is gone', () => proxy.stop(), () => proxy.restart()],
  ])('while PostgreSQL %s', (_, fail, mend) => {
    beforeAll(async () => {
      await fail();
      await waitFor('the probe to notice', async () => {
        return (await readiness()).body.checks.database.status === 'unhealthy';
      });
    });
    afterAll(async () => {
      await mend();
      await waitFor('readiness to come back', isReady);
    });

    it('ready is 503 within the patience of a probe, however often it is asked', async () => {
      for (const end = performance.now() + SEVERAL_ROUNDS_MS; performance.now() < end;) {
        const started = performance.now();
        const { status, body } = await readiness();
        expect(performance.now() - started).toBeLessThan(PROBE_PATIENCE_MS);
        expect(status).toBe(503);
        expect(body).toMatchObject({
          status: 'not_ready',
          checks: { database: { status: 'unhealthy', message: 'Database connection failed' } },
        });
      }
    });

    it('live is 200', async () => {
      expect((await client.get('/health/live')).status).toBe(200);
    });

    it('the documents say so, each with its own status code', async () => {
      expect(await client.get('/health')).toMatchObject({
        status: 503,
        body: { status: 'error', database: 'disconnected' },
      });
      expect(await client.get('/status')).toMatchObject({
        status: 200,
        body: { database: { status: 'disconnected', latency: null } },
      });
      expect(await client.get('/health/metrics')).toMatchObject({
        status: 200,
        body: { database: { status: 'down' } },
      });
      const document = await client.get('/api/health');
      expect(document.status).toBe(500);
      expect(document.body).toEqual({
        status: 'error',
        error: 'Database connection failed',
        timestamp: TIME,
      });
      expect(await client.get('/api/health', HEALTH_JSON)).toMatchObject({
        status: 500,
        body: {
          status: 'fail',
          checks: { 'postgres:responseTime': [{ status: 'fail', output: 'Database connection failed' }] },
        },
      });
    });
  });

  describe('while the process is told to stop', () => {
    beforeAll(() => {
      app.get(ShutdownState).draining = true;
    });
    afterAll(() => {
      app.get(ShutdownState).draining = false;
    });

    it('ready is 503 though nothing is wrong', async () => {
      const { status, body } = await readiness();
      expect(status).toBe(503);
      expect(body).toMatchObject({ status: 'not_ready', checks: { database: { status: 'healthy' } } });
      expect(await client.get('/health/ready', HEALTH_JSON)).toMatchObject({
        status: 503,
        body: { status: 'fail' },
      });
    });

    it('live is 200, and the status says what is going on', async () => {
      expect((await client.get('/health/live')).status).toBe(200);
      expect(await client.get('/status')).toMatchObject({
        status: 200,
        body: { api: { status: 'stopping' } },
      });
    });
  });
});

function throughPort(databaseUrl: string, port: number): string {
  const { username, pathname } = new URL(databaseUrl);
  return `postgresql://${username}@127.0.0.1:${port}${pathname}`;
}
