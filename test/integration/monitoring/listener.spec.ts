import type { DataSource } from 'typeorm';
import { MonitoringListener } from '../../../src/modules/monitoring/states/monitoring.listener.js';
import type { Bus, BusHandler } from '../../../src/realtime/bus.js';
import type { ReplaySource, SocketHub } from '../../../src/realtime/socket-hub.js';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.js';
import { insertEndpoints, makeWorker, result } from './monitoring-parts.js';

describe('telling sockets about changes of state', () => {
  let database: TestDatabase;
  let dataSource: DataSource;
  beforeAll(async () => {
    database = await createTestDatabase();
    dataSource = database.dataSource;
  });
  afterAll(() => database.drop());

  /** A listener with the bus and the hub that it stands between. */
  function listen() {
    const sent: unknown[] = [];
    const handlers = new Map<string, BusHandler<'endpoint.status_changed'>>();
    let replay: ReplaySource | undefined;
    const bus = {
      on: (event: string, given: BusHandler<'endpoint.status_changed'>) => handlers.set(event, given),
    };
    const hub = {
      broadcast: (event: string, data: unknown) => sent.push({ event, data }),
      addReplaySource: (source: ReplaySource) => (replay = source),
    };
    new MonitoringListener(bus as unknown as Bus, hub as unknown as SocketHub, dataSource).onModuleInit();
    return { sent, handler: handlers.get('endpoint.status_changed')!, replay: replay! };
  }

  it('passes on what comes over the bus, and replays the same to who was away', async () => {
    const [id] = await insertEndpoints(dataSource, [{}]);
    const { writer, bus } = makeWorker(dataSource);
    const now = Date.now();
    const verdicts = ['operational', 'major_outage', 'major_outage', 'operational'] as const;
    for (const [index, verdict] of verdicts.entries())
      await writer.write(result(id!, now + index * 1_000, verdict));
    await writer.onApplicationShutdown();
    expect(bus.changes).toHaveLength(3);

    const { sent, handler, replay } = listen();
    for (const change of bus.changes) void handler(change);
    expect(sent).toEqual(bus.changes.map((data) => ({ event: 'service_status_change', data })));
    expect(sent[1]).toMatchObject({
      data: {
        service: `Endpoint ${id}`,
        status: 'unhealthy',
        state: 'major_outage',
        previous_state: 'operational',
      },
    });

    const replayed = await replay(new Date(now - 60_000));
    expect(replayed.toReversed().map(({ event, data }) => ({ event, data }))).toEqual(sent);
    expect(await replay(new Date(now + 2_000))).toHaveLength(1);
    expect(await replay(new Date(now + 3_000))).toHaveLength(0);
  });

  it('does not replay that nothing is measured where the state is held', async () => {
    const [id] = await insertEndpoints(dataSource, [{}]);
    const { writer } = makeWorker(dataSource);
    const now = Date.now() + 3_600_000;
    await writer.write(result(id!, now));
    await writer.write({ ...result(id!, now + 1_000, 'unknown'), held: true });
    const { replay } = listen();
    expect(await replay(new Date(now - 1))).toMatchObject([{ data: { state: 'operational' } }]);
  });
});
