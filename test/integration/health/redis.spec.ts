import type { INestApplication } from '@nestjs/common';
import type { ReadinessDto } from '../../../src/modules/health/dto/probes.dto.js';
import { ApiClient } from '../../support/api-client.js';
import { redisIsInstalled, TestRedis } from '../../support/redis.js';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.js';
import { waitFor } from '../../support/wait-for.js';
import { startApi } from './api.js';
import { FaultyProxy } from './faulty-proxy.js';

const withRedis = redisIsInstalled ? describe : describe.skip;

withRedis('health with Redis', () => {
  let database: TestDatabase;
  let redis: TestRedis;
  let proxy: FaultyProxy;
  let app: INestApplication;
  let client: ApiClient;

  beforeAll(async () => {
    redis = await TestRedis.start();
    proxy = await FaultyProxy.before({ host: '127.0.0.1', port: Number(new URL(redis.url).port) });
    database = await createTestDatabase();
    app = await startApi({ DATABASE_URL: database.url, REDIS_URL: `redis://127.0.0.1:${proxy.port}` });
    client = new ApiClient(await app.getUrl());
  });
  afterAll(async () => {
    await app.close();
    await proxy.stop();
    await redis.stop();
    await database.drop();
  });

  const readiness = () => client.get<ReadinessDto>('/health/ready');

  it('is ready, and shows Redis', async () => {
    expect(await readiness()).toMatchObject({
      status: 200,
      body: {
        checks: {
          redis: { status: 'healthy', message: 'Redis connected' },
          queue: { status: 'healthy', message: 'Queue connected' },
        },
      },
    });
    expect((await client.get('/health/metrics')).body).toMatchObject({ redis: { status: 'up' } });
    expect((await client.get('/health/ready', { Accept: 'application/health+json' })).body).toMatchObject({
      checks: { 'redis:responseTime': [{ componentType: 'datastore', status: 'pass' }] },
    });
  });

  describe.each([
    ['hangs', async () => proxy.hang(), async () => proxy.resume()],
    ['is gone', () => proxy.stop(), () => proxy.restart()],
  ])('while Redis %s', (_, fail, mend) => {
    beforeAll(async () => {
      await fail();
      await waitFor('the probes to notice', async () => {
        const { redis: store, queue } = (await readiness()).body.checks;
        return store?.status === 'unhealthy' && queue.status === 'unhealthy';
      });
    });
    afterAll(async () => {
      await mend();
      await waitFor('readiness to come back', async () => (await readiness()).status === 200);
    });

    it('is not ready, and says why', async () => {
      expect(await readiness()).toMatchObject({
        status: 503,
        body: { checks: { redis: { status: 'unhealthy' }, database: { status: 'healthy' } } },
      });
      expect((await client.get('/health/metrics')).body).toMatchObject({ redis: { status: 'down' } });
    });

    it('is only degraded: what needs no queue still works', async () => {
      expect(await client.get('/health')).toMatchObject({ status: 200, body: { status: 'ok' } });
      expect(await client.get('/api/health')).toMatchObject({ status: 200, body: { status: 'degraded' } });
      expect((await client.get('/api/health', { Accept: 'application/health+json' })).body).toMatchObject({
        status: 'warn',
        checks: { 'redis:responseTime': [{ status: 'warn', output: 'Redis connection failed' }] },
      });
    });
  });
});
