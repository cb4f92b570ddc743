import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import pg from 'pg';
import { EmbeddedPostgres } from '../../src/database/embedded-postgres.js';
import { RunningProcess, RunningProduct, runCli } from '../support/running-product.js';
import { makeTemporaryFolder } from '../support/temporary-folder.js';
import { waitFor } from '../support/wait-for.js';

/** A night's run makes 20 or more. */
const CRASHES = Number(process.env['CRASHES'] ?? 6);
const CLIENTS = 30;
const GROUPS = 7;
/** Acknowledged between two crashes, so that each comes in the middle of a flood. */
const BETWEEN = 150;

interface Sums {
  counted: number;
  occurrences: number;
  tallied: number;
  keys: number;
}

/**
 * Clients report with an Idempotency-Key, and again until they are told that the report is durable. So at the end every key
 * must be counted exactly once: less is an error lost, more is one counted twice.
 */
class Flood {
  acknowledged = 0;
  private sent = 0;
  private stopped = false;
  private readonly run = randomBytes(4).toString('hex');

  constructor(private readonly product: () => RunningProduct) {}

  async client(): Promise<void> {
    while (!this.stopped) {
      const number = this.sent++;
      while (!(await this.report(number)));
      this.acknowledged++;
    }
  }

  stop(): void {
    this.stopped = true;
  }

  private async report(number: number): Promise<boolean> {
    try {
      const { status } = await this.product().client.post(
        '/api/errors',
        { message: `Flood of kind ${'abcdefg'[number % GROUPS]}`, source: 'flood', environment: 'test' },
        { 'Idempotency-Key': `${this.run}-${number}` },
      );
      return status === 201;
    } catch {
      return false;
    }
  }
}

describe('an API and a PostgreSQL that are killed in turn, in the middle of a flood', () => {
  let folder: string;
  let server: EmbeddedPostgres;
  let product: RunningProduct;

  beforeAll(async () => {
    folder = await makeTemporaryFolder('crash');
    server = await EmbeddedPostgres.start({ dataDir: folder, log: () => undefined });
    const options = {
      databaseUrl: server.url(),
      environment: { OCCURRENCE_BUDGET: '1000000', ERROR_LIMIT_PER_KEY: '0' },
    };
    await runCli(['migrate'], options);
    product = await RunningProduct.start(options);
  }, 60_000);
  afterAll(async () => {
    await product.stop();
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const sums = async (): Promise<Sums> => {
    const client = new pg.Client({ connectionString: server.url() });
    await client.connect();
    const { rows } = await client.query<Sums>(`
      SELECT (SELECT sum(count)::int FROM errors) AS counted,
        (SELECT count(*)::int FROM error_occurrences) AS occurrences,
        (SELECT coalesce(sum(count), 0)::int FROM error_counts) AS tallied,
        (SELECT count(*)::int FROM idempotency_keys) AS keys`);
    await client.end();
    return rows[0]!;
  };

  const killApi = async (): Promise<void> => {
    await product.api.stop('SIGKILL');
    product = product.with(await RunningProcess.start('main.js', product.options));
  };

  const killPostgres = async (): Promise<void> => {
    const { pid } = server;
    process.kill(pid!, 'SIGKILL');
    await waitFor('the server to be gone', () => !isAlive(pid!));
    await waitFor('the server to start again', () =>
      server.launch().then(
        () => true,
        () => false,
      ),
    );
  };

  it(`${CRASHES} times over: no acknowledged error is missing, and no count is wrong`, async () => {
    const flood = new Flood(() => product);
    const clients = Array.from({ length: CLIENTS }, () => flood.client());
    for (let crash = 0; crash < CRASHES; crash++) {
      const before = flood.acknowledged;
      await waitFor('a flood', () => flood.acknowledged > before + BETWEEN, 30_000);
      await (crash % 2 === 0 ? killApi() : killPostgres());
    }
    flood.stop();
    await Promise.all(clients);

    const expected = flood.acknowledged;
    await waitFor('the tallies to be folded', async () => (await sums()).tallied >= expected, 30_000);
    expect(await sums()).toEqual({
      counted: expected,
      occurrences: expected,
      tallied: expected,
      keys: expected,
    });
  }, 240_000);
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
