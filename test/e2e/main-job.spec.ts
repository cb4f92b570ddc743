import { inBothQueueModes } from '../support/queue-modes.js';
import { type Listener, listenPlain, listenSocketIo } from '../support/sockets.js';
import { TargetServer } from '../support/target-server.js';
import { waitFor } from '../support/wait-for.js';

inBothQueueModes('the main job', (stage) => {
  const listeners: Listener[] = [];
  afterAll(() => listeners.forEach((listener) => listener.close()));

  const listenBoth = async (): Promise<Listener[]> => {
    const { api, key } = stage().product;
    const both = [await listenPlain(api.url, key), await listenSocketIo(api.url, key)];
    listeners.push(...both);
    return both;
  };

  it('sees a server go down within two intervals and come back, and tells both sockets', async () => {
    const { client } = stage().product;
    const target = await TargetServer.start();
    const sockets = await listenBoth();
    const interval = 2;
    const created = await client.post('/health/api/endpoints', {
      name: 'Target',
      url: target.url,
      interval: `${interval}s`,
    });
    expect(created.status).toBe(201);
    const path = `/health/api/endpoints/${created.body.data.id}`;
    const status = async (): Promise<string> => (await client.get(path)).body.data.status;

    await waitFor('the first good check', async () => (await status()) === 'operational');
    await target.stop();
    const stopped = Date.now();
    await waitFor('the outage', async () => (await status()) === 'major_outage');
    // Two intervals, and the second that the dispatcher’s beat and the check itself may take.
    expect(Date.now() - stopped).toBeLessThan((2 * interval + 1) * 1000);

    await target.resume();
    await waitFor('the recovery', async () => (await status()) === 'operational');
    for (const socket of sockets) {
      const changes = await waitFor('three changes on the socket', () => {
        const own = socket.of('service_status_change').filter((change) => change.service === 'Target');
        return own.length >= 3 && own;
      });
      expect(changes.map(({ state, status: health }) => [state, health])).toEqual([
        ['operational', 'healthy'],
        ['major_outage', 'unhealthy'],
        ['operational', 'healthy'],
      ]);
    }
    await client.delete(path);
    await target.stop();
  }, 60_000);

  it('groups two errors that differ only in ids, numbers and line numbers, and announces the group once', async () => {
    const { client } = stage().product;
    const sockets = await listenBoth();
    const report = (user: number, line: number): unknown => ({
      level: 'error',
      message: `User ${user} has no cart 550e8400-e29b-41d4-a716-4466554400${user}`,
      stack_trace: `Error: no cart\n    at Cart.load (/srv/app/cart.js:${line}:11)\n    at run (/srv/app/main.js:${line + 7}:3)`,
      source: 'shop',
    });
    const first = await client.post('/api/errors', report(10, 31));
    const second = await client.post('/api/errors', report(42, 33));

    expect([first.status, second.status]).toEqual([201, 201]);
    expect(second.body.data).toMatchObject({ id: first.body.data.id, count: 2, resolved: false });
    // A third group ends the wait: what comes before it has arrived.
    const marker = await client.post('/api/errors', { message: 'A marker of another kind', source: 'shop' });
    for (const socket of sockets) {
      await waitFor('the marker', () => socket.of('new_error').some(({ id }) => id === marker.body.data.id));
      expect(socket.of('new_error').filter(({ id }) => id === first.body.data.id)).toHaveLength(1);
    }
  });

  it('announces a resolution, and a return after it', async () => {
    const { client } = stage().product;
    const [socket] = await listenBoth();
    const { id } = (await client.post('/api/errors', { message: 'It comes and goes', source: 'shop' })).body
      .data;

    const resolved = await client.put(`/api/errors/${id}/resolve`);
    expect(resolved.body).toEqual({ status: 'success', data: { status: 'resolved' } });
    await waitFor('error_resolved', () => socket!.of('error_resolved').some((data) => data.id === id));

    const back = await client.post('/api/errors', { message: 'It comes and goes', source: 'shop' });
    expect(back.body.data).toMatchObject({ id, count: 2, resolved: false });
    await waitFor('error_updated', () => socket!.of('error_updated').some((data) => data.id === id));
  });

  it('tells a returning client what it missed', async () => {
    const { client, api, key } = stage().product;
    const since = new Date().toISOString();
    const { id } = (await client.post('/api/errors', { message: 'While nobody listened', source: 'shop' }))
      .body.data;
    for (const listen of [listenPlain, listenSocketIo]) {
      const socket = await listen(api.url, key, since);
      listeners.push(socket);
      await waitFor('the missed error', () => socket.of('new_error').some((data) => data.id === id));
    }
  });

  it('checks on demand and answers with the results', async () => {
    const { client } = stage().product;
    const target = await TargetServer.start();
    const { id } = (
      await client.post('/health/api/endpoints', { name: 'On demand', url: target.url, interval: '1h' })
    ).body.data;
    const one = await client.post(`/health/api/endpoints/${id}/check`, {});
    expect(one.body.data).toMatchObject({ ok: true, status_code: 200 });
    const run = await client.post('/health/api/run-health-checks', {
      endpoint: 'On demand',
      collect_metrics: true,
    });
    expect(run.status).toBe(200);
    expect(JSON.stringify(run.body.data)).toContain('On demand');
    await target.stop();
  });

  it('has a quiet log', () => {
    const { api, worker } = stage().product;
    expect([...api.complaints, ...worker.complaints]).toEqual([]);
  });

  it('drains and exits with 0 on SIGTERM', async () => {
    const { api, worker } = stage().product;
    expect(await Promise.all([api.stop(), worker.stop()])).toEqual([0, 0]);
  });
});
