import { Bus, type BusHandler } from '../../../src/realtime/bus.js';
import type { BusEvent, BusEvents, SocketEvent } from '../../../src/realtime/events.js';
import { type SocketClient, SocketHub } from '../../../src/realtime/socket-hub.js';
import { SocketStatistics } from '../../../src/realtime/socket-statistics.js';
import type { ErrorDto } from '../../../src/modules/errors/dto/error.dto.js';
import { ErrorsListener } from '../../../src/modules/errors/errors.listener.js';
import { ErrorsReader } from '../../../src/modules/errors/errors.reader.js';
import { ErrorLists } from '../../../src/modules/errors/search/error-lists.js';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.js';
import { ErrorsProcess, reportingKey, SetClock } from './errors-process.js';

/** Hands messages to the handlers of this process. */
class LocalBus extends Bus {
  private readonly listeners = new Map<BusEvent, BusHandler<BusEvent>[]>();

  override async publish<Event extends BusEvent>(event: Event, payload: BusEvents[Event]): Promise<void> {
    for (const handler of this.listeners.get(event) ?? []) await handler(payload);
  }

  override on<Event extends BusEvent>(event: Event, handler: BusHandler<Event>): void {
    this.listeners.set(event, [...(this.listeners.get(event) ?? []), handler as BusHandler<BusEvent>]);
  }

  protected send(): Promise<void> {
    return Promise.resolve();
  }
}

class CountingReader extends ErrorsReader {
  asked = 0;

  override byIds(ids: readonly string[]): Promise<ErrorDto[]> {
    this.asked++;
    return super.byIds(ids);
  }
}

class ListeningClient implements SocketClient {
  readonly principal = reportingKey('55555555-5555-7555-8555-555555555555');
  readonly waiting = 0;
  readonly frames: { event: SocketEvent; data: unknown }[] = [];

  send({ event, data }: { event: SocketEvent; data: unknown }): void {
    this.frames.push({ event, data });
  }

  close(): void {}
  drop(): void {}
}

describe('announcing errors to sockets', () => {
  let database: TestDatabase;
  let errors: ErrorsProcess;
  const bus = new LocalBus();
  const hub = new SocketHub(bus, new SocketStatistics());
  const client = new ListeningClient();
  const clock = new SetClock();
  let reader: CountingReader;

  beforeAll(async () => {
    database = await createTestDatabase();
    errors = await ErrorsProcess.start(database.url, clock);
    reader = new CountingReader(errors.dataSource, new ErrorLists(errors.dataSource, clock));
    new ErrorsListener(bus, hub, reader).onModuleInit();
    await hub.join(client);
  });
  beforeEach(() => client.frames.splice(0));
  afterAll(async () => {
    await errors.stop();
    await database.drop();
  });

  it('sends the whole error when it is new or changed, and the id when it is resolved or gone', async () => {
    const { outcome, ...error } = await errors.report({
      message: 'Announced',
      stack_trace: 'at f (/a.js:1:2)',
    });
    expect(outcome).toBe('new');
    await bus.publish('errors.created', { ids: [error.id] });
    await bus.publish('errors.updated', { ids: [error.id] });
    await bus.publish('errors.resolved', { ids: [error.id] });
    await errors.service.delete(error.id);
    await bus.publish('errors.created', { ids: [error.id] });
    await bus.publish('errors.updated', { ids: [error.id] });
    expect(client.frames).toEqual([
      { event: 'new_error', data: error },
      { event: 'error_updated', data: error },
      { event: 'error_resolved', data: { id: error.id } },
      { event: 'error_updated', data: { id: error.id, deleted: true } },
    ]);
  });

  it('asks the database nothing when nobody listens', async () => {
    hub.leave(client);
    reader.asked = 0;
    await bus.publish('errors.created', { ids: ['00000000-0000-7000-8000-000000000000'] });
    expect(reader.asked).toBe(0);
    await hub.join(client);
  });

  it('tells a client that was away what it missed, in order', async () => {
    const since = new Date(Date.now() - 60_000);
    const later = (seconds: number): void => void (clock.time = new Date(since.getTime() + seconds * 1_000));
    later(-1);
    await errors.report({ message: 'Before' });
    later(1);
    const { id } = await errors.report({ message: 'Missed' });
    await errors.service.resolve(id);
    later(2);
    await errors.report({ message: 'Missed' });
    later(3);
    const other = (await errors.report({ message: 'Missed and solved' })).id;
    later(4);
    await errors.service.resolve(other);

    const away = new ListeningClient();
    await hub.join(away, since.toISOString());
    hub.leave(away);
    expect(away.frames.map(({ event, data }) => [event, (data as { id: string }).id])).toEqual([
      ['new_error', id],
      ['error_updated', id],
      ['new_error', other],
      ['error_resolved', other],
    ]);
  });
});
