import type { DataSource } from 'typeorm';
import { WitnessMemory } from '../../../src/modules/monitoring/self-doubt/witness-memory.js';
import { reachWitness } from '../../../src/modules/monitoring/self-doubt/witness-connection.js';
import { Witnesses } from '../../../src/modules/monitoring/self-doubt/witnesses.js';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.js';
import { waitFor } from '../../support/wait-for.js';
import { TestClock } from '../monitoring/monitoring-parts.js';
import { WitnessServer } from './witness-server.js';

const DAY = 86_400_000;
/** TEST-NET-1: nothing is there, and packets to it get no answer, or a refusal. */
const NOWHERE = '192.0.2.1:443';

describe('witnesses', () => {
  let database: TestDatabase;
  let dataSource: DataSource;
  let server: WitnessServer;
  beforeAll(async () => {
    database = await createTestDatabase();
    dataSource = database.dataSource;
  });
  afterAll(() => database.drop());
  beforeEach(async () => {
    await dataSource.query('TRUNCATE network_witnesses');
    server = await WitnessServer.start();
  });
  afterEach(() => server.stop());

  const make = (targets: string[], clock = new TestClock(), region = 'default') =>
    new Witnesses(new WitnessMemory(dataSource), clock, { WITNESS_TARGETS: targets, WORKER_REGION: region });

  it('are reached by a TCP connection that carries nothing', async () => {
    expect(await make([server.target]).ask()).toBe('reached');
    await waitFor('the visit', () => server.visits === 1);
    expect(server.received).toBe(0);
  });

  it('one is enough, however the others do', async () => {
    expect(await make(['127.0.0.1:1', 'does-not-exist.invalid:443', server.target]).ask()).toBe('reached');
  });

  it('prove nothing by silence before they were reached once', async () => {
    const witnesses = make([server.target]);
    await server.stop();
    expect(await witnesses.ask()).toBe('unproven');
    await server.resume();
    expect(await witnesses.ask()).toBe('reached');
    await server.stop();
    expect(await witnesses.ask()).toBe('silent');
  });

  it('prove nothing any more after a day', async () => {
    const clock = new TestClock();
    const reached = clock.hold();
    const witnesses = make([server.target], clock);
    expect(await witnesses.ask()).toBe('reached');
    await server.stop();
    clock.hold(reached + DAY - 1);
    expect(await witnesses.ask()).toBe('silent');
    clock.hold(reached + DAY);
    expect(await witnesses.ask()).toBe('unproven');
  });

  it('are remembered beyond a process, for their region', async () => {
    await make([server.target]).takeBaseline();
    await server.stop();
    const [later, elsewhere] = [make([server.target]), make([server.target], undefined, 'elsewhere')];
    await Promise.all([later.takeBaseline(), elsewhere.takeBaseline()]);
    expect(await later.ask()).toBe('silent');
    expect(await elsewhere.ask()).toBe('unproven');
  });

  it('are not remembered when they were not reached', async () => {
    await server.stop();
    await make([server.target]).takeBaseline();
    expect(await dataSource.query('SELECT FROM network_witnesses')).toEqual([]);
  });

  it('there may be none', async () => {
    const witnesses = make([]);
    await witnesses.takeBaseline();
    expect(await witnesses.ask()).toBe('unproven');
  });

  it('are asked once by all who ask at the same time', async () => {
    const witnesses = make([server.target]);
    await Promise.all(Array.from({ length: 100 }, () => witnesses.ask()));
    await waitFor('the visit', () => server.visits > 0);
    expect(server.visits).toBe(1);
  });

  it('take two seconds at most', async () => {
    const started = performance.now();
    expect(await reachWitness({ host: NOWHERE.split(':')[0]!, port: 443 })).toBe(false);
    expect(performance.now() - started).toBeLessThan(2_500);
  });

  it('are found by name too', async () => {
    const port = Number(server.target.split(':')[1]);
    expect(await reachWitness({ host: 'localhost', port })).toBe(true);
  });
});
