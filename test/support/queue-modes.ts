import { redisIsInstalled, TestRedis } from './redis.js';
import { RunningProduct } from './running-product.js';
import { createTestDatabase, type TestDatabase } from './test-database.js';

export interface Stage {
  database: TestDatabase;
  product: RunningProduct;
}

/** Runs the same scenarios once with PostgreSQL as the only part, and once with Redis when there is one here. */
export function inBothQueueModes(
  name: string,
  scenarios: (stage: () => Stage) => void,
  environment: Record<string, string> = {},
): void {
  describe(`${name} (queues on PostgreSQL)`, () => stageFor(scenarios, environment, false));
  const redis = redisIsInstalled ? describe : describe.skip;
  redis(`${name} (queues on Redis${redisIsInstalled ? '' : ': skipped, no redis-server on the PATH'})`, () =>
    stageFor(scenarios, environment, true),
  );
}

function stageFor(
  scenarios: (stage: () => Stage) => void,
  environment: Record<string, string>,
  withRedis: boolean,
): void {
  let stage: Stage | undefined;
  let redis: TestRedis | undefined;

  beforeAll(async () => {
    redis = withRedis ? await TestRedis.start() : undefined;
    const database = await createTestDatabase();
    stage = {
      database,
      product: await RunningProduct.start({ databaseUrl: database.url, redisUrl: redis?.url, environment }),
    };
  }, 60_000);

  afterAll(async () => {
    await stage?.product.stop();
    await stage?.database.drop();
    await redis?.stop();
  });

  scenarios(() => stage!);
}
