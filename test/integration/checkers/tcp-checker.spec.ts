import net from 'node:net';
import { tcpChecker } from '../../../src/modules/monitoring/checkers/tcp.checker.js';
import { type Asked, check, resolverOf } from './checking.js';
import { type Listening, listenRaw } from './listening.js';

const contains = (value: string, operator = 'contains') =>
  ({ type: 'body', operator, value, soft: false }) as NonNullable<Asked['assertions']>[number];

describe('TCP checks', () => {
  let server: Listening | undefined;

  const ask = async (talk: (socket: net.Socket) => void, asked: Asked = {}, host = 'app.test') => {
    server = await listenRaw(talk);
    return check(tcpChecker, `tcp://${host}:${server.port}`, asked);
  };

  afterEach(async () => {
    await server?.untilLeft();
    await server?.close();
    server = undefined;
  });

  it('connects, and asks for no more', async () => {
    const result = await ask(() => undefined);
    expect(result).toMatchObject({ ok: true, error: null, status_code: null, certificate: null });
    expect(result.phases).toEqual({
      dns: expect.any(Number),
      connect: expect.any(Number),
      tls: null,
      first_byte: null,
      download: null,
    });
    expect(server!.count()).toBe(1);
  });

  it.each([
    [10_000, 1_000],
    [1_001, 251],
  ])(
    'within %i ms, gives each address of a name %i ms: far hosts need more than 250',
    async (timeout, each) => {
      const { connect } = net;
      const seen: net.NetConnectOpts[] = [];
      Object.assign(net, {
        connect: (options: net.NetConnectOpts) => (seen.push(options), connect(options)),
      });
      const resolver = resolverOf({ 'two.test': [['127.0.0.2', '127.0.0.1']] });
      const result = await ask(() => undefined, { resolver, timeout_ms: timeout }, 'two.test').finally(() =>
        Object.assign(net, { connect }),
      );
      expect(result).toMatchObject({ ok: true });
      expect(seen).toMatchObject([{ autoSelectFamilyAttemptTimeout: each }]);
    },
  );

  it('reads a greeting until its condition holds, and waits no longer', async () => {
    const result = await ask((socket) => socket.write('SSH-2.0-OpenSSH\r\n'), {
      assertions: [contains('SSH-2.0')],
    });
    expect(result).toMatchObject({ ok: true, error: null });
    expect(result.phases.first_byte).toEqual(expect.any(Number));
    expect(result.response_time_ms).toBeLessThan(900);
  });

  it('sends, and puts an answer in pieces together', async () => {
    const echo = (socket: net.Socket): void => {
      socket.on('data', (chunk) => {
        const [first, ...rest] = chunk.toString().replace('PING', 'PONG: ö');
        socket.write(first!);
        setTimeout(() => socket.write(rest.join('')), 20);
      });
    };
    const asked = { options: { send: 'PING\r\n' }, assertions: [contains('^PONG: ö\r\n$', 'matches')] };
    expect(await ask(echo, asked)).toMatchObject({ ok: true, error: null });
  });

  it('takes an answer for whole after a silence, which is not its response time', async () => {
    const result = await ask((socket) => socket.write('BUSY'), {
      assertions: [contains('READY')],
      timeout_ms: 2_000,
    });
    expect(result).toMatchObject({ ok: false, error: 'The answer does not contain "READY", but "BUSY"' });
    expect(result.response_time_ms).toBeLessThan(450);
  });

  it('believes that something is absent only at the end', async () => {
    const late = (socket: net.Socket): void => {
      socket.write('fine so far, ');
      setTimeout(() => socket.end('then an error'), 100);
    };
    const result = await ask(late, { assertions: [contains('error', 'not_contains')] });
    expect(result).toMatchObject({ ok: false, error: expect.stringContaining('contains "error"') });
  });

  it('is degraded when only a soft condition fails', async () => {
    const assertions = [{ ...contains('READY'), soft: true }];
    const result = await ask((socket) => socket.end('BUSY'), { assertions });
    expect(result).toMatchObject({
      ok: true,
      degraded: true,
      error: 'The answer does not contain "READY", but "BUSY"',
    });
  });

  it('reads an endless answer up to a limit', async () => {
    const babble = (socket: net.Socket): void => {
      const more = (): void => void (socket.destroyed || socket.write('x'.repeat(65_536), more));
      more();
    };
    const result = await ask(babble, { assertions: [contains('never')] });
    expect(result).toMatchObject({ ok: false, error: expect.stringContaining('larger than 256 KiB') });
  });

  it('reads bytes one by one without looking at each', async () => {
    const drip = (socket: net.Socket): void => {
      socket.setNoDelay();
      for (let at = 0; at < 2_000; at++) setImmediate(() => socket.write('.'));
      setTimeout(() => socket.end('done'), 100);
    };
    expect(await ask(drip, { assertions: [contains('done')] })).toMatchObject({ ok: true });
  });

  it.each<[string, (socket: net.Socket) => void, string]>([
    ['closes at once', (socket) => socket.end(), 'Connection closed without an answer'],
    ['resets', (socket) => socket.resetAndDestroy(), 'Connection reset'],
    ['says nothing', () => undefined, 'Timed out after 200ms (waiting for the answer)'],
  ])('fails when the server %s', async (_, talk, error) => {
    const asked = { options: { send: 'PING\r\n' }, timeout_ms: 200 };
    const result = await ask((socket) => socket.once('data', () => talk(socket)), asked);
    expect(result).toMatchObject({ ok: false, error, response_time_ms: null });
  });

  it('fails when nobody listens', async () => {
    const gone = await listenRaw(() => undefined);
    await gone.close();
    const result = await check(tcpChecker, `tcp://127.0.0.1:${gone.port}`);
    expect(result).toMatchObject({ ok: false, error: 'Connection refused', phases: { dns: null } });
  });

  it('is stopped by the timeout in the middle of an answer', async () => {
    const drip = (socket: net.Socket): void => {
      const timer = setInterval(() => socket.write('.'), 10);
      socket.on('close', () => clearInterval(timer));
    };
    const result = await ask(drip, { assertions: [contains('never')], timeout_ms: 300 });
    expect(result.error).toBe('Timed out after 300ms (reading the answer)');
  });
});
