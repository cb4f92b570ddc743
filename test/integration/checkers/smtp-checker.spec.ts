import type net from 'node:net';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import { smtpChecker } from '../../../src/modules/monitoring/checkers/smtp.checker.js';
import { waitFor } from '../../support/wait-for.js';
import { type Asked, CA, certificate, check } from './checking.js';
import { listen, type Listening, listenRaw } from './listening.js';

const TRUST = { ca_certificate: CA };
const LOGIN: Asked = { auth: { type: 'basic', username: 'me', password: 'pä:ss' } };

describe('SMTP checks', () => {
  const servers: Listening[] = [];
  const mails: unknown[] = [];
  const logins: { method: string; secure: boolean }[] = [];
  let farewells = 0;

  const serve = async (options: SMTPServerOptions = {}): Promise<Listening> => {
    const server = new SMTPServer({
      ...certificate('valid'),
      authOptional: true,
      authMethods: ['PLAIN', 'LOGIN'],
      disableReverseLookup: true,
      onAuth({ method, username, password }, session, callback) {
        logins.push({ method, secure: session.secure });
        const isRight = username === 'me' && password === 'pä:ss';
        callback(isRight ? null : new Error('no such user'), isRight ? { user: username } : undefined);
      },
      onMailFrom: (address, _, callback) => {
        mails.push(address);
        callback();
      },
      onClose: () => farewells++,
      ...options,
    });
    server.on('error', () => undefined);
    const listening = await listen(server.server);
    const close = async (): Promise<void> => {
      await listening.close();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    };
    servers.push({ ...listening, close });
    return listening;
  };
  const raw = async (talk: (socket: net.Socket) => void): Promise<Listening> => {
    const listening = await listenRaw(talk);
    servers.push(listening);
    return listening;
  };
  /** Answers each line with the next of `replies`, the first unasked. */
  const script = (...replies: string[]) =>
    raw((socket) => {
      const left = [...replies];
      socket.write(left.shift() ?? '');
      socket.on('data', () => socket.write(left.shift() ?? ''));
    });
  const ask = ({ port }: Listening, asked: Asked = {}, scheme = 'smtp') =>
    check(smtpChecker, `${scheme}://app.test:${port}`, { options: TRUST, ...asked });

  beforeEach(() => {
    logins.splice(0);
    farewells = 0;
  });
  afterEach(async () => {
    for (const server of servers.splice(0)) {
      await server.untilLeft();
      await server.close();
    }
  });
  afterAll(() => expect(mails).toHaveLength(0));

  it('greets, encrypts and leaves', async () => {
    const result = await ask(await serve({ banner: 'ready when you are' }), {
      assertions: [{ type: 'body', operator: 'contains', value: 'ready when you are', soft: false }],
    });
    expect(result).toMatchObject({
      ok: true,
      error: null,
      status_code: 250,
      certificate: { subject: 'valid', trusted: true },
    });
    for (const phase of Object.values(result.phases)) expect(phase).toEqual(expect.any(Number));
    await waitFor('the server to hear QUIT', () => farewells === 1);
  });

  it('speaks TLS from the start on smtps://', async () => {
    const result = await ask(await serve({ secure: true }), {}, 'smtps');
    expect(result).toMatchObject({ ok: true, status_code: 250, certificate: { trusted: true } });
    const plain = await ask(await serve(), {}, 'smtps');
    expect(plain).toMatchObject({ ok: false, error: 'The server does not speak TLS on this port' });
  });

  it('does without TLS when it is told to', async () => {
    const result = await ask(await serve(), { options: { starttls: 'never' } });
    expect(result).toMatchObject({ ok: true, certificate: null, phases: { tls: null } });
  });

  it('does without TLS when there is none, unless it is required', async () => {
    const none = await serve({ hideSTARTTLS: true });
    expect(await ask(none)).toMatchObject({ ok: true, certificate: null });
    const required = await ask(none, { options: { ...TRUST, starttls: 'required' } });
    expect(required).toMatchObject({ ok: false, error: 'The server does not offer STARTTLS' });
  });

  it.each(['expired', 'elsewhere'] as const)(
    'fails on a certificate that is %s, and records it',
    async (name) => {
      const server = await serve(certificate(name));
      const shown = { subject: name, trusted: false };
      expect(await ask(server)).toMatchObject({
        ok: false,
        error: expect.stringMatching(/^Certificate /),
        certificate: shown,
      });
      expect(await ask(server, { verify_tls: false })).toMatchObject({ ok: true, certificate: shown });
    },
  );

  it.each(['PLAIN', 'LOGIN'])('logs in with AUTH %s', async (method) => {
    const server = await serve({ authMethods: [method] });
    expect(await ask(server, LOGIN)).toMatchObject({ ok: true, status_code: 235 });
    expect(logins).toEqual([{ method, secure: true }]);
    const wrong: Asked = { auth: { type: 'basic', username: 'me', password: 'wrong' } };
    const result = await ask(server, wrong);
    expect(result).toMatchObject({ ok: false, status_code: 535 });
    expect(result.error).toMatch(/^AUTH( LOGIN)?: expected 235, got 535 /);
    expect(JSON.stringify(result)).not.toContain(Buffer.from('wrong').toString('base64'));
  });

  it('sends no password without TLS, unless that is what was asked for', async () => {
    const server = await serve({ hideSTARTTLS: true, allowInsecureAuth: true });
    expect((await ask(server, LOGIN)).error).toBe(
      'Not logged in: the server offers no TLS, and the password is not sent without',
    );
    expect(logins).toHaveLength(0);
    const never = await ask(server, { ...LOGIN, options: { starttls: 'never' } });
    expect(never).toMatchObject({ ok: true });
    expect(logins).toEqual([{ method: 'PLAIN', secure: false }]);
  });

  it('falls back to HELO, and calls itself as it is told', async () => {
    const lines: string[] = [];
    const server = await raw((socket) => {
      socket.write('220 old\r\n');
      socket.on('data', (line) => {
        lines.push(line.toString().trim());
        socket.write({ 1: '502 what?\r\n', 2: '250 old\r\n' }[lines.length] ?? '221 bye\r\n');
      });
    });
    const result = await ask(server, { options: { ehlo_name: 'me.example.org' } });
    expect(result).toMatchObject({ ok: true, status_code: 250 });
    expect(lines).toEqual(['EHLO me.example.org', 'HELO me.example.org', 'QUIT']);
  });

  it('does not wait long for a goodbye, and does not count it', async () => {
    const result = await ask(await script('220 hi\r\n', '250 hi\r\n'));
    expect(result).toMatchObject({ ok: true });
    expect(result.response_time_ms).toBeLessThan(450);
  });

  it.each<[string, string[], string, number | null]>([
    ['is busy', ['554-no\r\n554 room\r\n'], 'Greeting: expected 220, got 554 no room', 554],
    ['refuses EHLO', ['220 hi\r\n', '550 go away\r\n'], 'EHLO: expected 250, got 550 go away', 550],
    [
      'refuses STARTTLS',
      ['220 hi\r\n', '250-hi\r\n250 STARTTLS\r\n', '454 later\r\n'],
      'STARTTLS: expected 220, got 454 later',
      454,
    ],
    [
      'goes on in the clear',
      ['220 hi\r\n', '250-hi\r\n250 STARTTLS\r\n', '220 go\r\n250 injected\r\n'],
      'The server went on without TLS after it had agreed to it',
      null,
    ],
    ['talks rubbish', ['HTTP/1.1 400 Bad\r\n'], 'The answer is not SMTP: HTTP/1.1 400 Bad', null],
    ['talks without end', ['220-more\r\n'.repeat(300)], 'The answer does not end', null],
    ['sends no line ends', ['2'.repeat(70_000)], 'The answer has a line without end', null],
    ['says nothing', [''], 'Timed out after 300ms (waiting for the answer)', null],
    ['stops talking', ['220 hi\r\n'], 'Timed out after 300ms (reading the answer)', null],
  ])('fails when the server %s', async (_, replies, error, status_code) => {
    const result = await ask(await script(...replies), { timeout_ms: 300 });
    expect(result).toMatchObject({ ok: false, error, status_code });
  });

  it('fails when the server closes', async () => {
    const atOnce = await raw((socket) => socket.end());
    expect((await ask(atOnce)).error).toBe('Connection closed without an answer');
    const midway = await raw((socket) => socket.end('220 hi\r\n250-half'));
    expect((await ask(midway)).error).toBe('Connection closed in the middle of the answer');
  });
});
