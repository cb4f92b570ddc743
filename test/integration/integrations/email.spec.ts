import { createServer } from 'node:net';
import { type LocalServer, start } from '../monitoring/local-server.js';
import { broken, healthy, makeProber, probe } from './probe-parts.js';
import { SmtpPeer } from './smtp-peer.js';

const SECRET = 'right horse';

describe('probing e-mail', () => {
  let peer: SmtpPeer;
  const servers: LocalServer[] = [];
  afterEach(async () => {
    await peer?.stop();
    for (const server of servers.splice(0)) await server.close();
  });

  const settings = (given: object = {}) => ({
    host: '127.0.0.1',
    port: peer.port,
    from: 'watch@example.org',
    username: 'watch@example.org',
    password: SECRET,
    verify_tls: false,
    ...given,
  });

  /** A server that is not quite one. */
  const fake = async (onConnect: (write: (line: string) => void) => void): Promise<number> => {
    const server = await start(
      createServer((socket) => {
        socket.on('error', () => undefined);
        onConnect((line) => socket.write(line));
      }),
      'http',
    );
    servers.push(server);
    return server.port;
  };

  it('upgrades with STARTTLS, signs in, says goodbye, and begins no message', async () => {
    peer = await SmtpPeer.start();
    expect(await probe('email', settings())).toEqual({
      ...healthy,
      detail: 'Signed in as watch@example.org',
    });
    expect(peer.signedIn).toEqual(['PLAIN']);
    const verbs = peer.commands.map((command) => command.split(' ')[0]);
    expect(verbs).toEqual(['EHLO', 'STARTTLS', 'EHLO', 'AUTH', 'QUIT']);
    expect(peer.messages).toEqual([]);
  });

  it('speaks TLS from the start', async () => {
    peer = await SmtpPeer.start({ secure: true });
    expect(await probe('email', settings({ security: 'tls' }))).toEqual({
      ...healthy,
      detail: expect.any(String),
    });
    expect(peer.signedIn).toEqual(['PLAIN']);
    expect(peer.messages).toEqual([]);
  });

  it('needs no sign-in where there is none, and no TLS where it is told so', async () => {
    peer = await SmtpPeer.start({ disabledCommands: ['STARTTLS', 'AUTH'] });
    const open = settings({ security: 'none', username: undefined, password: undefined });
    expect(await probe('email', open)).toEqual({ ...healthy, detail: 'The server is ready' });
  });

  it('says that the password is wrong, in the words of the server and without the password', async () => {
    peer = await SmtpPeer.start();
    const result = await probe('email', settings({ password: 'wrong horse' }));
    expect(result).toEqual(broken('Sign-in refused: 535 Invalid username or password'));
  });

  it('does not repeat a password that the server repeats', async () => {
    peer = await SmtpPeer.start({
      onAuth: (auth, _session, callback) => callback(new Error(`No ${auth.password}, go away`)),
    });
    const { error } = await probe('email', settings());
    expect(error).toBe('Sign-in refused: 535 No [hidden], go away');
  });

  it('does not take a server without TLS for one with it', async () => {
    peer = await SmtpPeer.start({ disabledCommands: ['STARTTLS'] });
    const { ok, error } = await probe('email', settings());
    expect({ ok, error }).toEqual({
      ok: false,
      error: expect.stringMatching(/^The SMTP server offers no TLS: /),
    });
    expect(peer.commands.some((command) => command.startsWith('AUTH'))).toBe(false);
  });

  it('does not take a certificate that nobody vouches for', async () => {
    peer = await SmtpPeer.start({ secure: true });
    const wrong = settings({ security: 'tls', verify_tls: true, host: 'localhost' });
    expect(await probe('email', wrong)).toEqual(broken('TLS: self-signed certificate'));
    await peer.stop();
    peer = await SmtpPeer.start();
    const started = settings({ verify_tls: true, host: 'localhost' });
    expect(await probe('email', started)).toEqual(broken('TLS: self-signed certificate'));
    expect(peer.signedIn).toEqual([]);
  });

  it('says that a server without sign-in offers none', async () => {
    peer = await SmtpPeer.start({ disabledCommands: ['AUTH'] });
    expect(await probe('email', settings())).toEqual(broken('The SMTP server offers no sign-in'));
  });

  it('says that nobody listens', async () => {
    peer = await SmtpPeer.start();
    const closed = settings();
    await peer.stop();
    expect(await probe('email', closed)).toEqual(broken('Connection refused'));
  });

  it('gives up on a server that hangs, and says where it did', async () => {
    peer = await SmtpPeer.start();
    const silent = await fake(() => undefined);
    expect(await probe('email', settings({ port: silent }), makeProber(150))).toEqual(
      broken('Timed out after 150ms (waiting for the greeting of the SMTP server)'),
    );
    const hanging = await SmtpPeer.start({ onAuth: () => undefined });
    const result = await probe('email', settings({ port: hanging.port }), makeProber(500));
    expect(result).toEqual(broken('Timed out after 500ms (signing in to the SMTP server)'));
    await hanging.stop();
  });

  it('says what a server that turns everybody away says', async () => {
    peer = await SmtpPeer.start();
    const closed = await fake((write) => write('554 No service here\r\n'));
    const { error } = await probe('email', settings({ port: closed }));
    expect(error).toBe('The SMTP server says: 554 No service here');
  });

  it('refuses addresses that the guard refuses, whatever they are called', async () => {
    peer = await SmtpPeer.start();
    expect(await probe('email', settings({ host: '169.254.169.254' }))).toEqual(
      broken('Refused: 169.254.169.254 is a cloud metadata address'),
    );
    const strict = makeProber(5_000, false);
    const { error } = await probe('email', settings({ host: 'localhost' }), strict);
    expect(error).toMatch(/^Refused: .*ALLOW_PRIVATE_TARGETS is off/);
    expect(peer.commands).toEqual([]);
  });
});
