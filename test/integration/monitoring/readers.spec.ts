import type { DataSource } from 'typeorm';
import { FleetUptimeReader } from '../../../src/modules/monitoring/statistics/fleet-uptime.reader.js';
import { OverviewReader } from '../../../src/modules/monitoring/statistics/overview.reader.js';
import { DependencyServices } from '../../../src/modules/monitoring/services/dependency-services.js';
import { InstallationHealthReader } from '../../../src/modules/monitoring/self-doubt/installation-health.reader.js';
import { WorkersReader } from '../../../src/modules/workers/workers.reader.js';
import type { DependenciesReader } from '../../../src/modules/health/dependencies.reader.js';
import type { JobQueue } from '../../../src/queues/job-queue.js';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.js';
import { waitFor } from '../../support/wait-for.js';
import { insertEndpoints, TestClock } from './monitoring-parts.js';

describe('what many may ask for', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase();
  });
  afterAll(() => database.drop());

  it('the overview is counted once a second, and again after a failure', async () => {
    let queries = 0;
    let isFailing = false;
    const dataSource = {
      query(sql: string, parameters: unknown[]) {
        queries++;
        return isFailing ? Promise.reject(new Error('gone')) : database.dataSource.query(sql, parameters);
      },
    } as DataSource;
    const clock = new TestClock();
    const from = clock.hold();
    await database.dataSource.query('UPDATE rollup_progress SET done_to = $1', [new Date(from)]);
    const reader = new OverviewReader(dataSource, new FleetUptimeReader(dataSource), clock);
    expect(await Promise.all([reader.read(), reader.read()])).toMatchObject([{ total: 0 }, { total: 0 }]);
    // The states now, how far running totals reach, and the uptime.
    expect(queries).toBe(3);
    clock.hold(from + 999);
    await reader.read();
    expect(queries).toBe(3);
    await insertEndpoints(database.dataSource, [{}]);
    clock.hold(from + 1_000);
    expect(await reader.read()).toMatchObject({ total: 1 });
    clock.hold(from + 2_000);
    isFailing = true;
    await expect(reader.read()).rejects.toThrow('gone');
    isFailing = false;
    expect(await reader.read()).toMatchObject({ total: 1 });
  });

  it('reading the services during an outage does not lower their uptime', async () => {
    let healthy = true;
    let probes = 0;
    const dependencies = {
      read: () => {
        probes++;
        return Promise.resolve({ database: { healthy, response_time_ms: 1 } });
      },
    } as unknown as DependenciesReader;
    const queue = {
      getWorkersCount: () => Promise.resolve(1),
      getJobCounts: () => Promise.resolve({}),
      getJobs: () => Promise.resolve([]),
    };
    const jobs = { queue: () => queue } as unknown as JobQueue;
    const clock = new TestClock();
    const installation = new InstallationHealthReader(
      database.dataSource,
      new WorkersReader(database.dataSource),
      jobs,
      clock,
    );
    const services = new DependencyServices(dependencies, database.dataSource, jobs, installation, clock);
    services.onApplicationBootstrap();
    await waitFor('the first probe', () => probes === 1);
    healthy = false;
    for (let time = 0; time < 3; time++) {
      expect((await services.read())[0]).toMatchObject({ status: 'unhealthy', uptime_percent: 100 });
    }
    services.onModuleDestroy();
  });
});
