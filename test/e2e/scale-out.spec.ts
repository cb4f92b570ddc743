import { RunningProcess, runCli } from '../support/running-product.js';
import { ApiClient } from '../support/api-client.js';
import { redisIsInstalled, TestRedis } from '../support/redis.js';
import { TargetServer } from '../support/target-server.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';
import { waitFor } from '../support/wait-for.js';

const ENDPOINTS = 60;
const INTERVAL_MS = 5_000;
const KILLS = 3;

interface SlotRow {
  endpoint_id: string;
  slot: number;
  ok: boolean | null;
}

const onRedis = redisIsInstalled ? describe : describe.skip;

onRedis('two APIs and two workers on Redis', () => {
  let database: TestDatabase;
  let redis: TestRedis;
  let target: TargetServer;
  let apis: RunningProcess[];
  let workers: RunningProcess[];
  let clients: ApiClient[];
  const options = () => ({ databaseUrl: database.url, redisUrl: redis.url });

  beforeAll(async () => {
    [database, redis, target] = await Promise.all([
      createTestDatabase(),
      TestRedis.start(),
      TargetServer.start(),
    ]);
    const key = await runCli(['create-api-key', '--name', 'test', '--permissions', 'admin'], options());
    apis = await Promise.all([0, 1].map(() => RunningProcess.start('main.js', options())));
    workers = await Promise.all([0, 1].map(() => RunningProcess.start('worker.js', options())));
    clients = apis.map((api) => new ApiClient(api.url, key));
  }, 60_000);

  afterAll(async () => {
    await Promise.all([...apis, ...workers].map((process) => process.stop()));
    await target.stop();
    await redis.stop();
    await database.drop();
  });

  const results = (from: number, to: number): Promise<SlotRow[]> =>
    database.dataSource.query(
      `SELECT endpoint_id, (extract(epoch FROM scheduled_at) * 1000)::float8 AS slot, ok FROM checks
       WHERE scheduled_at > to_timestamp($1::float8 / 1000) AND scheduled_at <= to_timestamp($2::float8 / 1000)
       ORDER BY endpoint_id, scheduled_at`,
      [from, to],
    );

  it('check every slot, and none twice, while one worker is killed and started again and again', async () => {
    for (let number = 0; number < ENDPOINTS; number++) {
      const { status } = await clients[number % 2]!.post('/health/api/endpoints', {
        name: `Endpoint ${number}`,
        url: `${target.url}${number}`,
        interval: '5s',
        timeout: '3s',
      });
      expect(status).toBe(201);
    }
    await waitFor('every endpoint to be checked', async () => {
      const { body } = await clients[1]!.get('/health/api/endpoints?status=operational');
      return body.data.total === ENDPOINTS;
    });

    const from = Date.now();
    for (let kill = 1; kill <= KILLS; kill++) {
      await waitFor(`kill ${kill}`, () => Date.now() >= from + kill * 2 * INTERVAL_MS, 20_000);
      await workers[0]!.stop('SIGKILL');
      workers[0] = await RunningProcess.start('worker.js', options());
    }
    const to = from + (KILLS + 1) * 2 * INTERVAL_MS;
    const due = (ENDPOINTS * (to - from)) / INTERVAL_MS;
    await waitFor('the last slots', async () => (await results(from, to)).length >= due, 30_000);

    const rows = await results(from, to);
    expect(rows.filter((row) => row.ok !== true)).toEqual([]);
    // One result a slot, and each slot an interval after the one before it.
    const steps = rows.slice(1).flatMap((row, index) => {
      const before = rows[index]!;
      return before.endpoint_id === row.endpoint_id ? [row.slot - before.slot] : [];
    });
    expect([...new Set(steps)]).toEqual([INTERVAL_MS]);
    expect(rows).toHaveLength(due);
    const { body } = await clients[0]!.get('/health/api/endpoints?status=operational');
    expect(body.data.total).toBe(ENDPOINTS);
  }, 120_000);
});
