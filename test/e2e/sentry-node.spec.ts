import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { ApiClient } from '../support/api-client.js';
import { RunningProduct } from '../support/running-product.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';
import { waitFor } from '../support/wait-for.js';

const PROGRAM = fileURLToPath(new URL('../support/sentry-program.mjs', import.meta.url));

interface Outcome {
  code: number;
  stdout: string;
}

async function runProgram(dsn: string, what: string): Promise<Outcome> {
  try {
    const { stdout } = await promisify(execFile)(process.execPath, [PROGRAM, dsn, what]);
    return { code: 0, stdout };
  } catch (error) {
    const { code, stdout } = error as { code: number; stdout: string };
    return { code, stdout };
  }
}

describe('a program with the Node SDK of Sentry', () => {
  let database: TestDatabase;
  let product: RunningProduct;
  let client: ApiClient;
  let dsn: string;

  beforeAll(async () => {
    database = await createTestDatabase();
    product = await RunningProduct.start({ databaseUrl: database.url });
    client = product.client;
    const made = await client.post('/api/projects', { name: 'Web shop' });
    // The product believes its port to be in its address, as long as nobody says otherwise.
    dsn = made.body.data.dsn;
  }, 60_000);
  afterAll(async () => {
    await product.stop();
    await database.drop();
  });

  const errorWith = async (message: string) =>
    waitFor(`the error ${message}`, async () => {
      const { body } = await client.get('/api/errors?source=web-shop');
      const found = body.data.errors.find((each: { message: string }) => each.message.includes(message));
      return found && (await client.get(`/api/errors/${found.id}`)).body.data;
    });
  const newestOccurrence = async (id: string) =>
    (await client.get(`/api/errors/${id}/occurrences?limit=1`)).body.data.occurrences[0];

  it('has an uncaught exception arrive whole', async () => {
    expect((await runProgram(dsn, 'crash')).code).toBe(1);
    const error = await errorWith('cannot be saved');
    expect(error).toMatchObject({
      message: 'TypeError: order 4711 cannot be saved',
      level: 'error',
      source: 'web-shop',
      environment: 'staging',
      newest_release: 'shop@1.2.3',
      platform: 'node',
      culprit: expect.stringContaining('saveOrder'),
      context: {
        level: 'fatal',
        user: { id: '7', username: 'alice' },
        extra: { basket: { items: 3, password: '[Filtered]' } },
      },
      count: 1,
    });
    expect(error.stack_trace).toMatch(
      /^TypeError: order 4711 cannot be saved\n    at .*saveOrder .*\(.*sentry-program\.mjs:\d+:\d+\)\n(.*\n)*Caused by: RangeError: disk full\n    at readDisk/,
    );
    const occurrence = await newestOccurrence(error.id);
    expect(occurrence).toMatchObject({
      release: 'shop@1.2.3',
      event_id: expect.stringMatching(/^[\da-f]{32}$/),
      tags: { feature: 'checkout', handled: 'no', 'runtime.name': 'node', server_name: 'web-1', dist: '42' },
      details: {
        exceptions: [
          { type: 'TypeError', mechanism: { handled: false } },
          { type: 'RangeError', value: 'disk full' },
        ],
        breadcrumbs: [{ category: 'cart', message: 'Item added', data: { sku: 'a-1' } }],
        contexts: { runtime: { name: 'node' } },
        sdk: { name: 'sentry.javascript.node' },
      },
    });
    const [frame] = occurrence.details.exceptions[0].frames;
    expect(frame).toMatchObject({ function: expect.stringContaining('saveOrder'), in_app: true });
    expect(frame.context_line).toContain('throw new TypeError');
  }, 30_000);

  it('has a message arrive as one', async () => {
    await runProgram(dsn, 'message');
    const error = await errorWith('Stock is low');
    expect(error).toMatchObject({ message: 'Stock is low', level: 'warning', stack_trace: null, count: 1 });
  }, 30_000);

  it('watches its scheduled jobs, as they say', async () => {
    await runProgram(dsn, 'cron');
    const endpoints = async () => (await client.get('/health/api/endpoints')).body.data.endpoints;
    const named = async (name: string) =>
      waitFor(`the endpoint ${name}`, async () =>
        (await endpoints()).find(
          (each: { name: string; status: string }) => each.name === name && each.status !== 'unknown',
        ),
      );
    expect(await named('nightly-backup (staging)')).toMatchObject({
      kind: 'push',
      group: 'web-shop',
      public: false,
      status: 'operational',
      options: {
        schedule: { type: 'cron', expression: '0 3 * * *', time_zone: 'Europe/Berlin' },
        grace: '300s',
        max_run_time: '600s',
      },
    });
    expect(await named('import (staging)')).toMatchObject({ status: 'major_outage', interval: '2h' });
  }, 30_000);

  it('backs off at a 429, and says later what it had to throw away', async () => {
    const key = await client.post('/api/settings/api-keys', {
      name: 'slow',
      permissions: ['ingest'],
      sources: ['slow'],
      errors_per_minute: 1,
    });
    const { stdout } = await runProgram(key.body.data.dsn, 'flood');
    const sent = JSON.parse(stdout);
    // The second is refused; the SDK does not even try the others, which have no status for that.
    expect(sent).toEqual([
      ['Message one', 200],
      ['Message two', 429],
      ['Message three', null],
      ['Message four', null],
    ]);
    const told = () =>
      database.dataSource.query(
        `SELECT reason, sum(count)::int AS count FROM error_ledger
         WHERE source = 'slow' AND outcome = 'client_discarded' GROUP BY reason`,
      );
    await waitFor('the report of both', async () => (await told())[0]?.count === 2);
    expect(await told()).toEqual([{ reason: 'ratelimit_backoff', count: 2 }]);
    const { body } = await client.get('/api/errors?source=slow');
    expect(body.data.errors).toMatchObject([{ message: 'Message one', count: 1 }]);
  }, 30_000);
});
