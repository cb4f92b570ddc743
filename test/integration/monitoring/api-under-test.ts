import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { AddressInfo } from 'node:net';
import { createApi } from '../../../src/api-server.js';
import { AppModule } from '../../../src/app.module.js';
import type { KeyPermission } from '../../../src/common/access.js';
import { type Config, parseConfig } from '../../../src/config/config.js';
import { ApiKeysService } from '../../../src/modules/auth/api-keys.service.js';
import { ApiClient } from '../../support/api-client.js';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.js';

/** The whole API in this process, with real queues. A worker runs only while a test asks for one. */
export class ApiUnderTest {
  private constructor(
    readonly database: TestDatabase,
    readonly app: NestExpressApplication,
    private readonly config: Config,
    /** With a key that may write. */
    readonly writer: ApiClient,
    /** With a key that may only read. */
    readonly reader: ApiClient,
  ) {}

  static async start(): Promise<ApiUnderTest> {
    const database = await createTestDatabase();
    const config = parseConfig({
      DATABASE_URL: database.url,
      SECRET_KEY: 's'.repeat(32),
      PORT: '0',
      WITNESS_TARGETS: 'none',
    });
    const app = await createApi(config);
    app.useLogger(['error']);
    await app.listen(0, '127.0.0.1');
    const url = `http://127.0.0.1:${(app.getHttpServer().address() as AddressInfo).port}`;
    const keyed = async (permission: KeyPermission): Promise<ApiClient> => {
      const { key } = await app.get(ApiKeysService).create({ name: permission, permissions: [permission] });
      return new ApiClient(url, key);
    };
    return new ApiUnderTest(database, app, config, await keyed('write'), await keyed('read'));
  }

  /** Runs `work` with a worker beside the API. */
  async withWorker<T>(work: () => Promise<T>): Promise<T> {
    const worker = await NestFactory.createApplicationContext(AppModule.forWorker(this.config), {
      logger: ['error'],
    });
    try {
      return await work();
    } finally {
      await worker.close();
    }
  }

  async stop(): Promise<void> {
    await this.app.close();
    await this.database.drop();
  }
}
