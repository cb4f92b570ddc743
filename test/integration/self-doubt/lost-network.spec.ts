import type { Server } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import type { DataSource } from 'typeorm';
import { IncidentsReader } from '../../../src/modules/incidents/incidents.reader.js';
import { SelfIncident } from '../../../src/modules/incidents/self-incident.service.js';
import { HeldEndpointsReader } from '../../../src/modules/monitoring/self-doubt/held-endpoints.reader.js';
import { ProcessRegistry } from '../../../src/modules/workers/process-registry.service.js';
import { WorkersReader } from '../../../src/modules/workers/workers.reader.js';
import type { JobQueue } from '../../../src/queues/job-queue.js';
import type { Bus } from '../../../src/realtime/bus.js';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.js';
import { waitFor } from '../../support/wait-for.js';
import {
  type EndpointOptions,
  insertEndpoints,
  intervalsOf,
  makeWorker,
  TestClock,
  type TestWorker,
} from '../monitoring/monitoring-parts.js';
import { WitnessServer } from './witness-server.js';

const ENDPOINTS = 20;
const SECOND = 1_000;
/** Each plays a minute or so, beat by beat. */
const TIMEOUT_MS = 90_000;
/** Short, so that no slot is handed out before its time: the test’s clock stands still meanwhile. */
const BEAT_MS = 1;

/** Twenty hosts of this machine that live and die together. */
class Targets {
  private server: Server | undefined;
  private port = 0;

  async start(): Promise<void> {
    this.server = createServer((_request, response) => response.end('ok')).listen(this.port, '0.0.0.0');
    await once(this.server, 'listening');
    this.port = (this.server.address() as AddressInfo).port;
  }

  async stop(): Promise<void> {
    if (!this.server?.listening) return;
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }

  get urls(): string[] {
    return Array.from({ length: ENDPOINTS }, (_, index) => `http://127.0.0.${index + 1}:${this.port}/`);
  }
}

describe('a worker that loses its network', () => {
  let database: TestDatabase;
  let dataSource: DataSource;
  let targets: Targets;
  let witness: WitnessServer;
  let clock: TestClock;
  let worker: TestWorker;
  let ids: string[];
  const ending: (() => Promise<unknown>)[] = [];
  beforeAll(async () => {
    database = await createTestDatabase();
    dataSource = database.dataSource;
  });
  afterAll(() => database.drop());
  beforeEach(async () => {
    await dataSource.query('TRUNCATE endpoints, checks, incidents, workers, network_witnesses CASCADE');
    targets = new Targets();
    await targets.start();
    witness = await WitnessServer.start();
    clock = new TestClock();
    clock.hold();
  });
  afterEach(async () => {
    worker.network.onModuleDestroy();
    for (const end of ending.splice(0)) await end();
    await targets.stop();
    await witness.stop();
  });

  async function begin(options: Partial<EndpointOptions> = {}, witnesses = [witness.target]): Promise<void> {
    worker = makeWorker(dataSource, clock, BEAT_MS, witnesses);
    worker.network.isLocal = () => false;
    await worker.witnesses.takeBaseline();
    ids = await insertEndpoints(
      dataSource,
      targets.urls.map((url) => ({ url, interval_ms: 20 * SECOND, ...options })),
    );
    await run(22);
    expect(await states()).toEqual({ operational: ENDPOINTS });
  }

  /** Lets seconds go by, with a beat every `step` of them. */
  async function run(seconds: number, step = 2): Promise<void> {
    for (let second = 0; second < seconds; second += step) {
      const from = worker.jobs.length;
      await worker.dispatcher.dispatch();
      await Promise.all(worker.jobs.slice(from).map((job) => worker.runner.runSlots(job.slots)));
      clock.advance(step * SECOND);
    }
  }

  /** How many endpoints are in each state, `+held` when it is only held. */
  async function states(): Promise<Record<string, number>> {
    const rows = await dataSource.query<{ state: string; count: number }[]>(
      `SELECT status || CASE WHEN held THEN '+held' ELSE '' END AS state, count(*)::int AS count
       FROM endpoint_status GROUP BY 1`,
    );
    return Object.fromEntries(rows.map(({ state, count }) => [state, count]));
  }

  const intervalStates = async (id: string) => (await intervalsOf(dataSource, id)).map(({ state }) => state);

  /** What keeps the row of the worker and follows it with an incident, as in a whole installation. */
  async function watchItself(): Promise<IncidentsReader> {
    const bus = { publish: () => Promise.resolve() } as unknown as Bus;
    const workers = new WorkersReader(dataSource);
    const incident = new SelfIncident(dataSource, workers, new HeldEndpointsReader(dataSource), bus, clock);
    const jobs = { add: () => incident.review() } as unknown as JobQueue;
    const config = { WORKER_REGION: 'default', WORKER_QUEUES: ['checks' as const] };
    const registry = new ProcessRegistry(dataSource, worker.figures, jobs, clock, config, 'worker');
    await registry.onApplicationBootstrap();
    ending.push(() => registry.beforeApplicationShutdown());
    return new IncidentsReader(dataSource);
  }
  const incidentsOf = async (reader: IncidentsReader) =>
    (await reader.list({ limit: 50, offset: 0 })).incidents;

  it(
    'turns nothing down, holds the states, says so once, and goes on when the network is back',
    async () => {
      await begin();
      const reader = await watchItself();
      const announced = worker.bus.changes.length;
      await targets.stop();
      await witness.stop();
      await run(26);
      expect(await states()).toEqual({ 'operational+held': ENDPOINTS });
      expect(worker.bus.changes).toHaveLength(announced);
      for (const id of ids) expect(await intervalStates(id)).toEqual(['unknown', 'operational', 'unknown']);
      const [last] = await dataSource.query<{ ok: boolean | null; status: string; error: string }[]>(
        'SELECT ok, status, error FROM checks ORDER BY scheduled_at DESC LIMIT 1',
      );
      expect(last).toEqual({
        ok: null,
        status: 'unknown',
        error: 'Not measured: this monitor has lost its network',
      });
      await waitFor('the incident', async () => (await incidentsOf(reader)).length > 0);
      expect(await incidentsOf(reader)).toMatchObject([
        { title: 'Monitoring lost its network', severity: 'major', source: 'self', status: 'investigating' },
      ]);
      const [row] = (await new WorkersReader(dataSource).list({ limit: 50, offset: 0 })).workers;
      expect(row).toMatchObject({ live: true, network_lost_since: worker.figures.networkLostSince });

      await targets.start();
      await witness.resume();
      await waitFor('the network', () => worker.figures.networkLostSince === null);
      await run(22);
      expect(await states()).toEqual({ operational: ENDPOINTS });
      expect(worker.bus.changes).toHaveLength(announced);
      for (const id of ids)
        expect(await intervalStates(id)).toEqual(['unknown', 'operational', 'unknown', 'operational']);
      await waitFor('the end', async () => (await incidentsOf(reader))[0]?.status === 'resolved');
      const [incident] = await incidentsOf(reader);
      const { updates } = await reader.updates(incident!.id, { limit: 50, offset: 0 });
      expect(updates[0]!.body).toContain(`${ENDPOINTS} endpoints had been held.`);
    },
    TIMEOUT_MS,
  );

  it(
    'with the witness alive, an outage of all is one',
    async () => {
      await begin();
      await targets.stop();
      await run(46);
      expect(await states()).toEqual({ major_outage: ENDPOINTS });
      expect(worker.figures.networkLostSince).toBeNull();
      expect(witness.visits).toBeGreaterThan(1);
    },
    TIMEOUT_MS,
  );

  it(
    'without a witness that was ever reached, nothing is held',
    async () => {
      await begin({}, ['127.0.0.1:1']);
      await targets.stop();
      await run(46);
      expect(await states()).toEqual({ major_outage: ENDPOINTS });
    },
    TIMEOUT_MS,
  );

  it(
    'nothing slips through while the witnesses are being asked, though one failure were enough',
    async () => {
      await begin({ interval_ms: 10 * SECOND, retries: 0, failure_threshold: 1 });
      // All are due in one beat.
      await dataSource.query('UPDATE endpoint_status SET next_check_at = $1', [clock.now()]);
      let answer: (reached: boolean) => void = () => undefined;
      worker.witnesses.reach = () => new Promise((resolve) => (answer = resolve));
      await targets.stop();
      const running = run(1, 1);
      await waitFor('the question', () => answer.length > 0);
      answer(false);
      await running;
      expect(await states()).toEqual({ 'operational+held': ENDPOINTS });
    },
    TIMEOUT_MS,
  );

  it(
    'believes the failure of what is on this machine: that takes no network',
    async () => {
      await begin();
      worker.network.isLocal = (host) => host.startsWith('127.0.0.1');
      await targets.stop();
      await witness.stop();
      await run(46);
      // 127.0.0.1 and 127.0.0.10 to 127.0.0.19.
      expect(await states()).toEqual({ major_outage: 11, 'operational+held': 9 });
    },
    TIMEOUT_MS,
  );

  it(
    'goes on judging, though the registry is out of reach',
    async () => {
      await begin();
      const reader = await watchItself();
      await dataSource.query('ALTER TABLE workers RENAME TO workers_gone');
      await targets.stop();
      await witness.stop();
      await run(26);
      expect(await states()).toEqual({ 'operational+held': ENDPOINTS });
      await dataSource.query('ALTER TABLE workers_gone RENAME TO workers');
      expect(await incidentsOf(reader)).toEqual([]);
    },
    TIMEOUT_MS,
  );
});
