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
    let handler: BusHandler<'endpoint.status_changed'> | undefined;
    let replay: ReplaySource | undefined;
    const bus = { on: (_: string, given: BusHandler<'endpoint.status_changed'>) => (handler = given) };
    const hub = {
      broadcast: (event: string, data: unknown) => sent.push({ event, data }),
      addReplaySource: (source: ReplaySource) => (replay = source),
    };
    new MonitoringListener(bus as unknown as Bus, hub as unknown as SocketHub, dataSource).onModuleInit();
    return { sent, handler: handler!, replay: replay! };
  }

  it('passes on what comes over the bus, and replays the same to who was away', async () => {
    const [id] = await insertEndpoints(dataSource, [{}]);
    const { writer, bus } = makeWorker(dataSource);
    const now = Date.now();
    const verdicts = ['operational', 'major_outage', 'major_outage', 'operational'] as const;
    for (const [index, verdict] of verdicts.entries())
      await writer.write(result(id!, now + index * 1_000, verdict));
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
});
