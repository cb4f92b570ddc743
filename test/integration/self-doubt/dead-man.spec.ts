import { Logger } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import { AddressGuard } from '../../../src/common/outgoing/address-guard.js';
import { GuardedResolver } from '../../../src/common/outgoing/guarded-resolver.js';
import { DeadMan } from '../../../src/modules/monitoring/self-doubt/dead-man.service.js';
import { InstallationHealthReader } from '../../../src/modules/monitoring/self-doubt/installation-health.reader.js';
import { WorkersReader } from '../../../src/modules/workers/workers.reader.js';
import type { JobQueue } from '../../../src/queues/job-queue.js';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.js';
import { type LocalServer, startHttp } from '../monitoring/local-server.js';
import { insertEndpoints, TestClock } from '../monitoring/monitoring-parts.js';

const MINUTE = 60_000;
const TOKEN = 'secret-token';

describe('the dead-man address', () => {
  let database: TestDatabase;
  let dataSource: DataSource;
  let server: LocalServer;
  let calls: string[];
  let status: number;
  let said: string[];
  beforeAll(async () => {
    database = await createTestDatabase();
    dataSource = database.dataSource;
    server = await startHttp((request, response) => {
      calls.push(`${request.method} ${request.url}`);
      response.writeHead(status).end();
    });
  });
  afterAll(async () => {
    await server.close();
    await database.drop();
  });
  beforeEach(async () => {
    calls = [];
    said = [];
    status = 200;
    await dataSource.query('TRUNCATE endpoints, workers CASCADE');
  });

  function make(url: string | undefined = `${server.url}${TOKEN}`, allowPrivate = true, source = dataSource) {
    const clock = new TestClock();
    clock.hold();
    const jobs = { queue: () => ({ getJobs: () => Promise.resolve([]) }) } as unknown as JobQueue;
    const health = new InstallationHealthReader(source, new WorkersReader(source), jobs, clock);
    const resolver = new GuardedResolver(new AddressGuard({ ALLOW_PRIVATE_TARGETS: allowPrivate }));
    const deadMan = new DeadMan(health, resolver, { DEADMAN_URL: url });
    const note = (text: string): void => void said.push(text);
    Object.assign(deadMan, { logger: { log: note, warn: note } as unknown as Logger });
    return { deadMan, clock };
  }
  const checkedAt = (at: Date | null) =>
    dataSource.query('UPDATE endpoint_status SET last_checked_at = $1', [at]);

  it('is called while all is well, without a word', async () => {
    const { deadMan } = make();
    await deadMan.takeTurn();
    await deadMan.takeTurn();
    expect(calls).toEqual([`GET /${TOKEN}`, `GET /${TOKEN}`]);
    expect(said).toEqual([]);
  });

  it('is called while checks are made, not when they cease', async () => {
    const { deadMan, clock } = make();
    await insertEndpoints(dataSource, [
      { interval_ms: MINUTE, next_check_at: new Date(Date.now() + 86_400_000) },
    ]);
    await deadMan.takeTurn();
    expect(calls).toHaveLength(1);
    clock.advance(10 * MINUTE);
    await deadMan.takeTurn();
    expect(calls).toHaveLength(1);
    await checkedAt(new Date(clock.now().getTime() - 3 * MINUTE + 1_000));
    await deadMan.takeTurn();
    expect(calls).toHaveLength(2);
    expect(said).toEqual([
      'Dead-man address: Not called: no checks are being made',
      'The dead-man address is called',
    ]);
  });

  it('is not called when the schedule lags', async () => {
    const { deadMan, clock } = make();
    await insertEndpoints(dataSource, [{ next_check_at: clock.now() }]);
    clock.advance(MINUTE);
    await deadMan.takeTurn();
    expect(calls).toHaveLength(1);
    clock.advance(1);
    await deadMan.takeTurn();
    expect(calls).toHaveLength(1);
    expect(said).toEqual(['Dead-man address: Not called: checks that are due are not made']);
  });

  it('is not called when a worker has lost its network', async () => {
    const { deadMan } = make();
    await dataSource.query(
      `INSERT INTO workers (id, kind, host, pid, version, started_at, seen_at, network_lost_since)
       VALUES (gen_random_uuid(), 'worker', 'host', 1, '1', now(), now(), now())`,
    );
    await deadMan.takeTurn();
    expect(calls).toEqual([]);
    expect(said).toEqual(['Dead-man address: Not called: a worker has lost its network']);
  });

  it('is not called when the database does not answer', async () => {
    const gone = { query: () => Promise.reject(new Error('gone')) } as unknown as DataSource;
    const { deadMan } = make(undefined, true, gone);
    await deadMan.takeTurn();
    expect(calls).toEqual([]);
    expect(said).toEqual(['Dead-man address: Not called: the database does not answer']);
  });

  it('tells of a call that failed, once, and never the address', async () => {
    const dead = await startHttp(() => undefined);
    await dead.close();
    const { deadMan } = make(`${dead.url}${TOKEN}`);
    await deadMan.takeTurn();
    await deadMan.takeTurn();
    await make(`http://does-not-exist.invalid/${TOKEN}`).deadMan.takeTurn();
    await make(`${server.url}${TOKEN}`, false).deadMan.takeTurn();
    await make(`http://169.254.169.254/${TOKEN}`).deadMan.takeTurn();
    for (status of [500, 301]) await make().deadMan.takeTurn();
    expect(said).toHaveLength(6);
    expect(said[0]).toBe('Dead-man address: The call failed: ECONNREFUSED');
    expect(said[2]).toBe('Dead-man address: The call failed: its host may not be reached');
    expect(said[3]).toBe('Dead-man address: The call failed: its host may not be reached');
    expect(said[4]).toBe('Dead-man address: The call failed: status 500');
    expect(said[5]).toBe('Dead-man address: The call failed: status 301');
    expect(said.join()).not.toMatch(/secret|127\.0\.0\.1|invalid|169/);
  });

  it('there need not be one', async () => {
    const { deadMan } = make('');
    Object.assign(deadMan, { config: { DEADMAN_URL: undefined } });
    await deadMan.takeTurn();
    expect([calls, said]).toEqual([[], []]);
  });
});
