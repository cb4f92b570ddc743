import type { Principal } from '../common/access.js';
import { Bus } from './bus.js';
import { type Frame, type Goodbye, type SocketClient, SocketHub } from './socket-hub.js';
import { SocketStatistics } from './socket-statistics.js';

class LocalBus extends Bus {
  send(text: string): Promise<void> {
    this.receive(text);
    return Promise.resolve();
  }

  cutAndRestore(): void {
    this.connectionLost();
    this.connectionMade(false);
  }

  hear(text: string): void {
    this.receive(text);
  }
}

class FakeClient implements SocketClient {
  waiting = 0;
  readonly frames: Frame[] = [];
  ended: Goodbye | 'dropped' | undefined;

  constructor(readonly principal: Principal) {}

  send(frame: Frame): void {
    this.frames.push(frame);
  }

  close(goodbye: Goodbye): void {
    this.ended = goodbye;
  }

  drop(): void {
    this.ended = 'dropped';
  }
}

const holderOf = (id: string): Principal => ({
  kind: 'api_key',
  id,
  name: id,
  rights: new Set(['read']),
  sources: [],
});

describe('SocketHub', () => {
  let bus: LocalBus;
  let hub: SocketHub;
  let statistics: SocketStatistics;

  beforeEach(() => {
    bus = new LocalBus();
    statistics = new SocketStatistics();
    hub = new SocketHub(bus, statistics);
    hub.onModuleInit();
  });
  afterEach(() => hub.onModuleDestroy());

  const join = async (id: string, since?: string): Promise<FakeClient> => {
    const client = new FakeClient(holderOf(id));
    await hub.join(client, since);
    return client;
  };

  it('tells everybody, and makes the text of a frame once', async () => {
    const clients = [await join('a'), await join('b')];
    hub.broadcast('error_resolved', { id: '1' });
    expect(clients.map(({ frames }) => frames[0]!.text)).toEqual(
      Array(2).fill('{"type":"error_resolved","data":{"id":"1"}}'),
    );
    expect(clients[0]!.frames[0]).toBe(clients[1]!.frames[0]);
  });

  it('drops a client that is too slow, and nobody else', async () => {
    const [slow, quick] = [await join('slow'), await join('quick')];
    slow.waiting = 1;
    hub.broadcast('error_resolved', { id: '1' });
    expect([slow.ended, slow.frames.length]).toEqual(['dropped', 0]);
    expect([quick.ended, quick.frames.length]).toEqual([undefined, 1]);
  });

  it('ends the sockets of a revoked key at once, even of a peer that never answers the goodbye', async () => {
    const [revoked, other] = [await join('revoked'), await join('other')];
    await bus.publish('access.revoked', { kind: 'api_key', id: 'revoked' });
    hub.broadcast('error_resolved', { id: '1' });
    expect([revoked.ended, revoked.frames.length]).toEqual(['access ended', 0]);
    expect([other.ended, other.frames.length]).toEqual([undefined, 1]);
    hub.leave(revoked);
    expect([statistics.active, statistics.disconnected]).toEqual([1, 1]);
  });

  it('sends everybody away to come back when messages of other processes may have been missed', async () => {
    const client = await join('a');
    bus.cutAndRestore();
    expect(client.ended).toBe('try again');
  });

  it('tells a client what it missed, in order, as fast as the client reads', async () => {
    const at = (second: number): Date => new Date(Date.now() - 60_000 + second * 1_000);
    hub.addReplaySource(async () => [{ event: 'new_error', data: 3, at: at(3) }]);
    hub.addReplaySource(async () =>
      [1, 2].map((data) => ({ event: 'service_status_change' as const, data, at: at(data) })),
    );
    const client = new FakeClient(holderOf('a'));
    client.waiting = 0.9;
    const joined = hub.join(client, new Date(Date.now() - 3_600_000).toISOString());
    await new Promise(setImmediate);
    expect(client.frames).toEqual([]);
    client.waiting = 0;
    await joined;
    expect(client.frames.map(({ data }) => data)).toEqual([1, 2, 3]);
  });

  it('survives a message that is none', () => {
    for (const text of ['', 'x', '{}', '5', 'null']) expect(() => bus.hear(text)).not.toThrow();
  });
});
