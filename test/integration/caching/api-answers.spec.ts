import type { NestExpressApplication } from '@nestjs/platform-express';
import type { AddressInfo } from 'node:net';
import { register } from 'prom-client';
import { createApi } from '../../../src/api-server.js';
import { parseConfig } from '../../../src/config/config.js';
import { ApiKeysService } from '../../../src/modules/auth/api-keys.service.js';
import { ApiClient } from '../../support/api-client.js';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.js';

/** Two APIs on one database: what is done through one is seen at once through the other. */
describe('answers that are kept', () => {
  let database: TestDatabase;
  let apps: NestExpressApplication[];
  let one: ApiClient;
  let other: ApiClient;

  beforeAll(async () => {
    database = await createTestDatabase();
    const config = parseConfig({
      DATABASE_URL: database.url,
      SECRET_KEY: 's'.repeat(32),
      PORT: '0',
      WITNESS_TARGETS: 'none',
    });
    apps = [await createApi(config), await createApi(config)];
    for (const app of apps) {
      app.useLogger(['error']);
      await app.listen(0, '127.0.0.1');
    }
    const { key } = await apps[0]!
      .get(ApiKeysService)
      .create({ name: 'test', permissions: ['admin', 'write'] });
    const client = (app: NestExpressApplication): ApiClient =>
      new ApiClient(`http://127.0.0.1:${(app.getHttpServer().address() as AddressInfo).port}`, key);
    [one, other] = apps.map(client) as [ApiClient, ApiClient];
  });
  afterAll(async () => {
    for (const app of apps) await app.close();
    await database.drop();
  });

  const hits = async (): Promise<number> => {
    const { values } = await register.getSingleMetric('watchkeep_cache_answers_total')!.get();
    return values.reduce((sum, { labels, value }) => sum + (labels['result'] === 'hit' ? value : 0), 0);
  };
  const listed = async (
    client: ApiClient,
    query = '',
  ): Promise<{ id: string; resolved: boolean; count: number }[]> =>
    (await client.get(`/api/errors${query}`)).body.data.errors;

  it('show each report, change and deletion at once, in both processes', async () => {
    for (let round = 0; round < 15; round++) {
      const [reporter, reader] = round % 2 === 0 ? [one, other] : [other, one];
      await Promise.all([listed(one), listed(other)]);
      const { body } = await reporter.post('/api/errors', {
        level: 'error',
        message: 'Same again',
        source: 'api',
      });
      const id = body.data.id as string;
      expect((await listed(reader)).find((error) => error.id === id)!.count).toBe(body.data.count);
      await reader.put(`/api/errors/${id}/resolve`);
      expect((await listed(reporter, '?resolved=true')).map((error) => error.id)).toContain(id);
      if (round % 5 < 4) continue;
      await reporter.delete(`/api/errors/${id}`);
      expect((await listed(reader)).map((error) => error.id)).not.toContain(id);
    }
  });

  it('show a new endpoint at once, and count their hits', async () => {
    const names = async (client: ApiClient): Promise<string[]> =>
      (await client.get('/api/monitoring/services')).body.data.services.map(
        ({ name }: { name: string }) => name,
      );
    await names(other);
    const made = await one.post('/health/api/endpoints', {
      name: 'Shop',
      url: 'http://93.184.216.34/',
      enabled: false,
    });
    expect(made.status).toBe(201);
    expect(await names(other)).toContain('Shop');
    const before = await hits();
    await names(other);
    await listed(other, '?limit=10&level=error');
    await listed(other, '?level=error&limit=10');
    expect((await hits()) - before).toBeGreaterThanOrEqual(2);
  });

  it('are told to nobody else: a key is asked for first, and nothing may keep them on the way', async () => {
    await listed(one);
    expect((await one.withKey('wk_live_none').get('/api/errors')).status).toBe(401);
  });
});
