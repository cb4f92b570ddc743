import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { EmbeddedPostgres } from '../../src/database/embedded-postgres.js';
import { inBothQueueModes } from '../support/queue-modes.js';
import { redisIsInstalled, TestRedis } from '../support/redis.js';
import { RunningProcess, RunningProduct, runCli } from '../support/running-product.js';
import { createTestDatabase, serverUrl } from '../support/test-database.js';
import { makeTemporaryFolder } from '../support/temporary-folder.js';
import { TargetServer } from '../support/target-server.js';
import { waitFor } from '../support/wait-for.js';

inBothQueueModes('a worker killed in the middle of a batch', (stage) => {
  it('makes no check twice, and leaves no endpoint unchecked for more than two intervals', async () => {
    const { product, database } = stage();
    const target = await TargetServer.start();
    const interval = 4;
    const names = Array.from({ length: 60 }, (_, index) => `e${index}`);
    for (const name of names)
      await product.client.post('/health/api/endpoints', { name, url: target.url, interval: `${interval}s` });
    const checked = async (after: Date): Promise<number> => {
      const [row] = await database.dataSource.query<{ n: number }[]>(
        'SELECT count(DISTINCT endpoint_id)::int AS n FROM checks WHERE checked_at > $1 AND ok',
        [after],
      );
      return row!.n;
    };
    await waitFor(
      'every endpoint to be checked once',
      async () => (await checked(new Date(0))) === names.length,
    );

    const before = target.hits;
    await waitFor('a batch to be under way', () => target.hits > before);
    const killed = new Date();
    await product.worker.stop('SIGKILL');
    await product.restartWorker();
    await waitFor('every endpoint to be checked again', async () => (await checked(killed)) === names.length);

    const gaps = await database.dataSource.query<{ gap: number }[]>(
      `SELECT extract(epoch FROM max(next_at - checked_at))::float AS gap FROM (
         SELECT checked_at, lead(checked_at) OVER (PARTITION BY endpoint_id ORDER BY checked_at) AS next_at
         FROM checks WHERE ok) AS pairs`,
    );
    expect(gaps[0]!.gap).toBeLessThan(2 * interval);
    const [twice] = await database.dataSource.query<{ n: number }[]>(
      `SELECT count(*)::int AS n FROM (SELECT 1 FROM checks GROUP BY endpoint_id, scheduled_at HAVING count(*) > 1) AS doubles`,
    );
    expect(twice!.n).toBe(0);
    const [down] = await database.dataSource.query<{ n: number }[]>(
      `SELECT count(*)::int AS n FROM checks WHERE NOT ok`,
    );
    expect(down!.n).toBe(0);
    await target.stop();
  }, 90_000);
});

const withRedis = redisIsInstalled ? describe : describe.skip;
withRedis('Redis gone for good', () => {
  it('does not keep a process from ending', async () => {
    const redis = await TestRedis.start();
    const database = await createTestDatabase();
    const product = await RunningProduct.start({ databaseUrl: database.url, redisUrl: redis.url });
    await redis.stop();
    await waitFor('the worker to notice', () =>
      product.worker.complaints.some((line) => line.includes('out of reach')),
    );
    const asked = Date.now();
    const codes = await Promise.all([product.api.stop(), product.worker.stop()]);
    expect(codes).toEqual([0, 0]);
    expect(Date.now() - asked).toBeLessThan(10_000);
    expect(product.worker.output).toContain('Stopped');
    await database.drop();
  }, 60_000);
});

describe.each(['main.js', 'worker.js'])('%s', (script) => {
  const start = (environment: Record<string, string>): { child: ChildProcess; output: () => string } => {
    const child = fork(fileURLToPath(new URL(`../../dist/${script}`, import.meta.url)), [], {
      env: { ...process.env, PORT: '0', WORKER_PORT: '0', REDIS_URL: '', ...environment },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream?.on('data', (chunk: Buffer) => (output += chunk.toString()));
    return { child, output: () => output };
  };

  it('says in words why it does not start', async () => {
    const { child, output } = start({ DATABASE_URL: serverUrl(), SECRET_KEY: '' });
    expect(await once(child, 'exit')).toEqual([1, null]);
    expect(output().trim().split('\n').at(-1)).toMatch(/^SECRET_KEY is not set/);
  }, 30_000);

  it('ends in order when it is told to while it starts', async () => {
    const silent = createServer().listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const { port } = silent.address() as { port: number };
    const { child, output } = start({
      DATABASE_URL: `postgresql://x@127.0.0.1:${port}/x`,
      SECRET_KEY: 'x'.repeat(32),
    });
    await once(silent, 'connection');
    child.kill('SIGTERM');
    expect(await once(child, 'exit')).toEqual([0, null]);
    expect(output()).toContain('Stopped while starting (SIGTERM)');
    silent.close();
  }, 30_000);
});

describe('PostgreSQL stopped and started again', () => {
  let folder: string;
  let server: EmbeddedPostgres;
  let product: RunningProduct;

  beforeAll(async () => {
    folder = await makeTemporaryFolder('fault');
    server = await EmbeddedPostgres.start({ dataDir: folder, log: () => undefined });
    const options = { databaseUrl: server.url() };
    await runCli(['migrate'], options);
    product = await RunningProduct.start(options);
  }, 60_000);
  afterAll(async () => {
    await product.stop();
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const readiness = async ({ url }: RunningProcess): Promise<number> =>
    (await fetch(`${url}/health/ready`)).status;

  it('is survived by every process: live stays up, ready goes and comes back, requests get 503 with Retry-After', async () => {
    const target = await TargetServer.start();
    await product.client.post('/health/api/endpoints', { name: 'Watched', url: target.url, interval: '1s' });
    await waitFor('a first check', () => target.hits > 0);
    expect(await readiness(product.api)).toBe(200);

    // Stopped for 20 seconds: that much is the requirement itself.
    await server.stop();
    await waitFor(
      'both to be not ready',
      async () => (await readiness(product.api)) === 503 && (await readiness(product.worker)) === 503,
    );
    const outageEnds = Date.now() + 20_000;
    for (let probes = 0; probes < 2 || Date.now() < outageEnds; probes++) await expectOutage(product);

    await server.launch();
    await waitFor(
      'both to be ready',
      async () => (await readiness(product.api)) === 200 && (await readiness(product.worker)) === 200,
    );
    const hits = target.hits;
    await waitFor('the checks to go on', () => target.hits > hits + 1, 30_000);
    expect((await product.client.post('/api/errors', { message: 'After the outage' })).status).toBe(201);
    expect([product.api.child.exitCode, product.worker.child.exitCode]).toEqual([null, null]);
    const client = new pg.Client({ connectionString: server.url() });
    await client.connect();
    const { rows } = await client.query<{ n: number }>('SELECT count(*)::int AS n FROM checks WHERE NOT ok');
    await client.end();
    expect(rows[0]!.n).toBe(0);
    await target.stop();
  }, 120_000);
});

async function expectOutage({ api, worker, client }: RunningProduct): Promise<void> {
  for (const process of [api, worker]) {
    const live = await fetch(`${process.url}/health/live`);
    expect([live.status, ((await live.json()) as { status: string }).status]).toEqual([200, 'alive']);
    expect((await fetch(`${process.url}/health/ready`)).status).toBe(503);
  }
  for (const answer of [
    await client.get('/api/errors'),
    await client.post('/api/errors', { message: 'x' }),
  ]) {
    expect(answer).toMatchObject({ status: 503, body: { status: 'error', code: 'DATABASE_UNAVAILABLE' } });
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
  }
}
