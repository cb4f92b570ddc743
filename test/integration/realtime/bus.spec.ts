import { Logger } from '@nestjs/common';
import { PostgresBus } from '../../../src/realtime/postgres-bus.js';
import { RedisBus } from '../../../src/realtime/redis-bus.js';
import type { Bus } from '../../../src/realtime/bus.js';
import { redisIsInstalled, TestRedis } from '../../support/redis.js';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.js';
import { waitFor } from '../../support/wait-for.js';

// A lost announcement is worth a warning; here it is wanted.
Logger.overrideLogger(['error', 'fatal']);

const MESSAGES = Array.from({ length: 1_000 }, (_, index) => ({ ids: [`${index} “quoted”, \\ {and} NULL`] }));

/** A thousand messages at once reach another process, in order. */
async function handOver(from: Bus, to: Bus): Promise<void> {
  const received: unknown[] = [];
  to.on('errors.updated', (payload) => void received.push(payload));
  await from.publishAll('errors.updated', MESSAGES);
  await waitFor('all messages', () => received.length === MESSAGES.length);
  expect(received).toEqual(MESSAGES);
}

describe('many messages at once', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase();
  });
  afterAll(() => database.drop());

  it('go through PostgreSQL in one statement', async () => {
    const [one, two] = [
      new PostgresBus(database.url, database.dataSource),
      new PostgresBus(database.url, database.dataSource),
    ];
    await Promise.all([one.onModuleInit(), two.onModuleInit()]);
    await handOver(one, two);
    await Promise.all([one.onApplicationShutdown(), two.onApplicationShutdown()]);
  });

  (redisIsInstalled ? it : it.skip)('go through Redis in one pipeline', async () => {
    const redis = await TestRedis.start();
    const [one, two] = [new RedisBus(redis.url), new RedisBus(redis.url)];
    await Promise.all([one.onModuleInit(), two.onModuleInit()]);
    await handOver(one, two);
    one.onApplicationShutdown();
    two.onApplicationShutdown();
    await redis.stop();
  });

  it('never fail whoever announces them', async () => {
    const bus = new PostgresBus(database.url, { query: () => Promise.reject(new Error('away')) } as never);
    await expect(bus.publishAll('errors.updated', MESSAGES)).resolves.toBeUndefined();
    await expect(bus.publishAll('errors.updated', [])).resolves.toBeUndefined();
  });
});
