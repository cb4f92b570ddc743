import type { INestApplication } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { AppModule } from '../../../src/app.module.js';
import { parseConfig } from '../../../src/config/config.js';
import { ApiClient } from '../../support/api-client.js';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.js';

describe('probes of a worker', () => {
  let database: TestDatabase;
  let app: INestApplication;
  let client: ApiClient;

  beforeAll(async () => {
    database = await createTestDatabase();
    const config = parseConfig({
      DATABASE_URL: database.url,
      SECRET_KEY: 'a secret of thirty-two characters',
      WORKER_QUEUES: 'background',
    });
    app = await NestFactory.create(AppModule.forWorker(config), { logger: false, abortOnError: false });
    await app.listen(0, '127.0.0.1');
    client = new ApiClient(await app.getUrl());
  });
  afterAll(async () => {
    await app.close();
    await database.drop();
  });

  it('are the same as those of the API', async () => {
    expect(await client.get('/health/live')).toMatchObject({ status: 200, body: { status: 'alive' } });
    expect(await client.get('/health/ready')).toMatchObject({
      status: 200,
      body: { checks: { database: { status: 'healthy' }, queue: { status: 'healthy' } } },
    });
  });

  it('show metrics to Prometheus without a key', async () => {
    const { status, body } = await client.get<string>('/metrics');
    expect(status).toBe(200);
    expect(body).toMatch(/^watchkeep_process_cpu_seconds_total \S+$/m);
    expect(body).toMatch(/^watchkeep_database_pool_connections{state="idle"} \d+$/m);
  });

  it.each(['/health', '/status', '/api/health', '/api/errors'])('leave %s to the API', async (path) => {
    expect((await client.get(path)).status).toBe(404);
  });
});
