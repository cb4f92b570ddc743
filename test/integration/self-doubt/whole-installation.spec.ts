import { NestFactory } from '@nestjs/core';
import type { INestApplicationContext } from '@nestjs/common';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { AddressInfo } from 'node:net';
import { createApi } from '../../../src/api-server.js';
import { AppModule } from '../../../src/app.module.js';
import { WorkFigures } from '../../../src/common/work-figures.js';
import { parseConfig } from '../../../src/config/config.js';
import { ApiKeysService } from '../../../src/modules/auth/api-keys.service.js';
import { ApiClient } from '../../support/api-client.js';
import { listenPlain } from '../../support/sockets.js';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.js';
import { waitFor } from '../../support/wait-for.js';
import { type LocalServer, startHttp } from '../monitoring/local-server.js';
import { WitnessServer } from './witness-server.js';

describe('an API and a worker that watch themselves', () => {
  let database: TestDatabase;
  let witness: WitnessServer;
  let deadMan: LocalServer;
  let calls = 0;
  let api: NestExpressApplication;
  let worker: INestApplicationContext;
  let isWorking = false;
  let client: ApiClient;
  let key: string;
  beforeAll(async () => {
    database = await createTestDatabase();
    witness = await WitnessServer.start();
    deadMan = await startHttp((_request, response) => {
      calls++;
      response.end();
    });
    const config = parseConfig({
      DATABASE_URL: database.url,
      SECRET_KEY: 's'.repeat(32),
      WITNESS_TARGETS: witness.target,
      DEADMAN_URL: deadMan.url,
      WORKER_REGION: 'eu',
    });
    api = await createApi(config);
    api.useLogger(['error']);
    await api.listen(0, '127.0.0.1');
    const created = await api.get(ApiKeysService).create({ name: 'read', permissions: ['read'] });
    ({ key } = created);
    client = new ApiClient(`http://127.0.0.1:${(api.getHttpServer().address() as AddressInfo).port}`, key);
    worker = await NestFactory.createApplicationContext(AppModule.forWorker(config), { logger: ['error'] });
    isWorking = true;
  });
  afterAll(async () => {
    if (isWorking) await worker.close();
    await api.close();
    await deadMan.close();
    await witness.stop();
    await database.drop();
  });

  const workers = async () => (await client.get('/api/monitoring/workers')).body.data.workers;
  const incidents = async () => (await client.get('/api/alerts/incidents')).body.data.incidents;
  const monitoring = async () => {
    const { services } = (await client.get('/api/monitoring/services')).body.data;
    return services.find((service: { name: string }) => service.name === 'Monitoring');
  };

  it('are both in the list', async () => {
    expect(await workers()).toMatchObject([
      { kind: 'worker', region: 'eu', live: true },
      { kind: 'api', region: null, queues: [], live: true },
    ]);
    expect(await monitoring()).toMatchObject({
      status: 'healthy',
      details: { workers: 1, regions: ['eu'], network_lost: false },
    });
  });

  it('reach their witness at the start, and remember it', async () => {
    await waitFor('the baseline', async () => {
      const rows = await database.dataSource.query<unknown[]>(
        'SELECT FROM network_witnesses WHERE region = $1 AND target = $2',
        ['eu', witness.target],
      );
      return rows.length === 1;
    });
  });

  it('call the dead-man address', () => waitFor('a call', () => calls > 0));

  it('tell of a lost network: a service, an incident, an event; and of its end', async () => {
    const socket = await listenPlain(client.url, key);
    const figures = worker.get(WorkFigures);
    figures.networkLostSince = new Date();
    await waitFor('the incident', () => socket.of('incident')[0]?.status === 'investigating');
    expect(await incidents()).toMatchObject([{ title: 'Monitoring lost its network', source: 'self' }]);
    expect(await monitoring()).toMatchObject({ status: 'unhealthy', details: { network_lost: true } });
    figures.networkLostSince = null;
    await waitFor('its end', () => socket.of('incident').at(-1)?.status === 'resolved');
    expect(await monitoring()).toMatchObject({ status: 'healthy' });
    socket.close();
  });

  it('a worker that stops is gone from the list', async () => {
    isWorking = false;
    await worker.close();
    expect(await workers()).toMatchObject([{ kind: 'api' }]);
  });
});
