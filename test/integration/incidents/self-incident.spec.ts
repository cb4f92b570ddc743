import type { DataSource } from 'typeorm';
import { v7 } from 'uuid';
import { SelfIncident } from '../../../src/modules/incidents/self-incident.service.js';
import { IncidentsReader } from '../../../src/modules/incidents/incidents.reader.js';
import { HeldEndpointsReader } from '../../../src/modules/monitoring/self-doubt/held-endpoints.reader.js';
import { WorkersReader } from '../../../src/modules/workers/workers.reader.js';
import type { Bus } from '../../../src/realtime/bus.js';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.js';
import { insertEndpoints, TestClock } from '../monitoring/monitoring-parts.js';

describe('the incident about our own network', () => {
  let database: TestDatabase;
  let dataSource: DataSource;
  let reader: IncidentsReader;
  beforeAll(async () => {
    database = await createTestDatabase();
    dataSource = database.dataSource;
    reader = new IncidentsReader(dataSource);
  });
  afterAll(() => database.drop());
  beforeEach(() => dataSource.query('TRUNCATE incidents, workers, endpoints CASCADE'));

  function makeReviewer(clock = new TestClock()) {
    const told: string[] = [];
    const bus = {
      publish: (_: string, { ids }: { ids: string[] }) => Promise.resolve(void told.push(...ids)),
    } as unknown as Bus;
    const service = new SelfIncident(
      dataSource,
      new WorkersReader(dataSource),
      new HeldEndpointsReader(dataSource),
      bus,
      clock,
    );
    return { service, told };
  }

  async function worker(lostSince: Date | null, seen = 'now()'): Promise<string> {
    const id = v7();
    await dataSource.query(
      `INSERT INTO workers (id, kind, host, pid, region, queues, version, started_at, seen_at, network_lost_since)
       VALUES ($1, 'worker', 'host', 1, 'eu', '{checks}', '1', now(), ${seen}, $2)`,
      [id, lostSince],
    );
    return id;
  }
  const hold = (count: number) =>
    dataSource.query(
      `UPDATE endpoint_status SET held = true WHERE endpoint_id IN (SELECT id FROM endpoints ORDER BY id LIMIT $1)`,
      [count],
    );
  const incidents = async () => (await reader.list({ limit: 50, offset: 0 })).incidents;
  const timeline = async (id: string) =>
    (await reader.updates(id, { limit: 50, offset: 0 })).updates.map((update) => update.body).toReversed();

  it('opens once for several workers, tells how many endpoints are held, and resolves with the last of them', async () => {
    await insertEndpoints(
      dataSource,
      Array.from({ length: 6 }, () => ({})),
    );
    const clock = new TestClock();
    const since = new Date(clock.hold() - 5_000);
    const reviewers = [makeReviewer(clock), makeReviewer(clock)];
    const review = () => Promise.all(reviewers.map(({ service }) => service.review()));
    const first = await worker(since);
    const second = await worker(since);
    await hold(2);
    await review();
    const [incident, ...others] = await incidents();
    expect(others).toEqual([]);
    expect(incident).toMatchObject({
      title: 'Monitoring lost its network',
      severity: 'major',
      source: 'self',
      status: 'investigating',
      started_at: since,
      affected_count: 2,
    });
    expect(await timeline(incident!.id)).toHaveLength(2);

    await hold(6);
    clock.advance(30_000);
    await review();
    expect((await incidents())[0]).toMatchObject({ affected_count: 6 });
    await dataSource.query('DELETE FROM workers WHERE id = $1', [first]);
    clock.advance(60_000);
    await review();
    await dataSource.query('UPDATE workers SET network_lost_since = NULL WHERE id = $1', [second]);
    await dataSource.query('UPDATE endpoint_status SET held = false');
    await review();
    expect(await incidents()).toMatchObject([{ status: 'resolved', resolved_at: clock.now() }]);
    expect(await timeline(incident!.id)).toEqual([
      expect.stringMatching(/^Worker host \(region eu\) and 1 other lost the network at /),
      '2 endpoints held so far; 2 workers without network.',
      'The network is back after 1 min 35 s. 6 endpoints had been held.',
    ]);
    const { updates } = await reader.updates(incident!.id, { limit: 50, offset: 0 });
    expect(updates.every((update) => !update.public && update.author === null)).toBe(true);
    const told = reviewers.flatMap((reviewer) => reviewer.told);
    expect(new Set(told)).toEqual(new Set([incident!.id]));
  });

  it('tells of more held endpoints once a minute at most', async () => {
    await insertEndpoints(
      dataSource,
      Array.from({ length: 10 }, () => ({})),
    );
    const clock = new TestClock();
    clock.hold();
    const { service } = makeReviewer(clock);
    await worker(clock.now());
    for (let beat = 1; beat <= 10; beat++) {
      await hold(beat);
      await service.review();
      clock.advance(20_000);
    }
    const [incident] = await incidents();
    const counts = (await timeline(incident!.id)).slice(1).map((body) => Number(/^\d+/.exec(body)![0]));
    expect(counts).toEqual([1, 4, 7, 10]);
  });

  it('ends when those that lost the network are gone, and opens another the next time', async () => {
    const { service } = makeReviewer();
    const id = await worker(new Date());
    await service.review();
    await dataSource.query(`UPDATE workers SET seen_at = now() - interval '46 seconds' WHERE id = $1`, [id]);
    await service.review();
    expect(await incidents()).toMatchObject([{ status: 'resolved' }]);
    await dataSource.query('UPDATE workers SET seen_at = now()');
    await service.review();
    await service.review();
    expect(await incidents()).toMatchObject([{ status: 'investigating' }, { status: 'resolved' }]);
  });

  it('does nothing on a normal day', async () => {
    const { service, told } = makeReviewer();
    await worker(null);
    await worker(new Date(), `now() - interval '1 minute'`);
    await service.review();
    expect(await incidents()).toEqual([]);
    expect(told).toEqual([]);
  });
});
