import type { DataSource } from 'typeorm';
import { WorkFigures } from '../../../src/common/work-figures.js';
import type { ProcessKind } from '../../../src/database/entities/worker-process.entity.js';
import { ProcessRegistry } from '../../../src/modules/workers/process-registry.service.js';
import { WorkersReader } from '../../../src/modules/workers/workers.reader.js';
import type { JobQueue } from '../../../src/queues/job-queue.js';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.js';
import { waitFor } from '../../support/wait-for.js';
import { TestClock } from '../monitoring/monitoring-parts.js';

const PAGE = { limit: 50, offset: 0 };

describe('the registry of processes', () => {
  let database: TestDatabase;
  let dataSource: DataSource;
  let reader: WorkersReader;
  const started: ProcessRegistry[] = [];
  beforeAll(async () => {
    database = await createTestDatabase();
    dataSource = database.dataSource;
    reader = new WorkersReader(dataSource);
  });
  afterAll(() => database.drop());
  beforeEach(() => dataSource.query('TRUNCATE workers, missed_slots'));
  afterEach(() => Promise.all(started.splice(0).map((registry) => registry.beforeApplicationShutdown())));

  async function start(
    kind: ProcessKind,
    region = 'default',
    queues: ('checks' | 'background')[] = ['checks'],
  ) {
    const figures = new WorkFigures();
    const clock = new TestClock();
    clock.hold();
    const asked: string[] = [];
    const jobs = { add: (name: string) => Promise.resolve(asked.push(name)) } as unknown as JobQueue;
    const config = { WORKER_REGION: region, WORKER_QUEUES: queues };
    const registry = new ProcessRegistry(dataSource, figures, jobs, clock, config, kind);
    await registry.onApplicationBootstrap();
    started.push(registry);
    return { registry, figures, clock, asked };
  }

  it('shows an API process and a worker with what it does', async () => {
    await start('api');
    const { registry, figures, clock } = await start('worker', 'eu');
    const now = clock.now().getTime();
    for (let check = 0; check < 99; check++) figures.checkMade(10, now);
    figures.checkMade(500, now);
    figures.slotsMissed(3, now);
    await registry.beat();
    const { workers, total } = await reader.list(PAGE);
    expect(total).toBe(2);
    expect(workers.find(({ kind }) => kind === 'api')).toMatchObject({
      region: null,
      queues: [],
      live: true,
      pid: process.pid,
      checks_last_minute: null,
      missed_slots_last_hour: null,
    });
    const worker = workers.find(({ kind }) => kind === 'worker')!;
    expect(worker).toMatchObject({
      region: 'eu',
      queues: ['checks'],
      live: true,
      checks_last_minute: 100,
      missed_slots_last_hour: 3,
      network_lost_since: null,
      started_at: clock.now(),
    });
    expect(worker.lateness_p50_ms).toBeCloseTo(10, -0.5);
    expect(worker.lateness_p99_ms).toBeLessThan(12);
  });

  it('forgets a process that stops, and after a while one that was killed', async () => {
    const { registry } = await start('worker');
    const killed = await start('worker');
    await registry.beforeApplicationShutdown();
    expect((await reader.list(PAGE)).total).toBe(1);
    await dataSource.query(`UPDATE workers SET seen_at = now() - interval '46 seconds'`);
    expect((await reader.list(PAGE)).workers).toMatchObject([{ live: false }]);
    expect(await reader.liveRegions()).toEqual([]);
    await dataSource.query(`UPDATE workers SET seen_at = now() - interval '11 minutes'`);
    await start('api');
    expect((await reader.list(PAGE)).workers).toMatchObject([{ kind: 'api' }]);
    // It was only thought to be dead.
    await killed.registry.beat();
    expect((await reader.list(PAGE)).total).toBe(2);
  });

  it('a sign of life under way does not bring a stopped process back', async () => {
    const { registry } = await start('worker');
    void registry.beat();
    await registry.beforeApplicationShutdown();
    expect((await reader.list(PAGE)).total).toBe(0);
  });

  it('a network that is lost while the last checks end does not bring it back either', async () => {
    const { registry, figures } = await start('worker');
    const gone = registry.beforeApplicationShutdown();
    figures.networkLostSince = new Date();
    await Promise.all([gone, registry.beat()]);
    expect((await reader.list(PAGE)).total).toBe(0);
  });

  it('counts the live workers of each region that make checks', async () => {
    await start('worker', 'us');
    await start('worker', 'eu');
    await start('worker', 'eu');
    await start('worker', 'asia', ['background']);
    await start('api');
    expect(await reader.liveRegions()).toEqual([
      { region: 'eu', workers: 2 },
      { region: 'us', workers: 1 },
    ]);
  });

  it('sums up missed slots by the hour, each once, also when the database was away', async () => {
    const { registry, figures, clock } = await start('worker');
    figures.slotsMissed(5, clock.now().getTime());
    await dataSource.query('ALTER TABLE missed_slots RENAME TO missed_slots_gone');
    await registry.beat();
    await dataSource.query('ALTER TABLE missed_slots_gone RENAME TO missed_slots');
    await registry.beat();
    await registry.beat();
    figures.slotsMissed(2, clock.now().getTime());
    await registry.beat();
    expect(await reader.missedSlotsOfDay()).toBe(7);
    await dataSource.query(`UPDATE missed_slots SET hour = hour - interval '26 hours'`);
    expect(await reader.missedSlotsOfDay()).toBe(0);
    await dataSource.query(`UPDATE missed_slots SET hour = hour - interval '32 days'`);
    await registry.beat();
    expect(await dataSource.query('SELECT FROM missed_slots')).toEqual([]);
  });

  it('tells at once that the network is lost or back, and asks for a review', async () => {
    const { figures, asked } = await start('worker', 'eu');
    const since = new Date();
    figures.networkLostSince = since;
    await waitFor('the review', () => asked.length === 1);
    expect(await reader.networkLosses()).toMatchObject([{ region: 'eu', since }]);
    figures.networkLostSince = null;
    await waitFor('the second review', () => asked.length === 2);
    expect(await reader.networkLosses()).toEqual([]);
  });
});
