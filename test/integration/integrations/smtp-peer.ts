import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';

const CERTIFICATES = 'test/integration/monitoring/certificates';

/** A real SMTP server that knows one user, and remembers what clients did. */
export class SmtpPeer {
  /** Everything that would begin, address or carry a message. */
  readonly messages: string[] = [];
  readonly commands: string[] = [];
  readonly signedIn: string[] = [];

  private constructor(private readonly server: SMTPServer) {}

  static async start(options: SMTPServerOptions = {}): Promise<SmtpPeer> {
    const seen = { messages: [] as string[], commands: [] as string[], signedIn: [] as string[] };
    const server = new SMTPServer({
      key: readFileSync(`${CERTIFICATES}/localhost.key`),
      cert: readFileSync(`${CERTIFICATES}/localhost.crt`),
      authOptional: true,
      closeTimeout: 100,
      logger: recorder(seen.commands),
      onAuth(auth, _session, callback) {
        if (auth.username !== 'watch@example.org' || auth.password !== 'right horse') {
          return callback(new Error('Invalid username or password'));
        }
        seen.signedIn.push(auth.method);
        callback(null, { user: auth.username });
      },
      onMailFrom(address, _session, callback) {
        seen.messages.push(`MAIL FROM ${address.address}`);
        callback();
      },
      onData(stream, _session, callback) {
        seen.messages.push('DATA');
        stream.resume().once('end', () => callback());
      },
      ...options,
    });
    server.on('error', () => undefined);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return Object.assign(new SmtpPeer(server), seen);
  }

  get port(): number {
    return (this.server.server.address() as AddressInfo).port;
  }

  stop(): Promise<void> {
    return new Promise((resolve) => this.server.close(() => resolve()));
  }
}

/** What the server logs is what clients say: `C: EHLO …`. */
function recorder(commands: string[]) {
  const log = (_entry: unknown, format: string, ...rest: unknown[]): void => {
    if (format.startsWith('C:')) commands.push([format, ...rest].join(' ').replace(/^C: ?/, ''));
  };
  return Object.fromEntries(
    ['trace', 'debug', 'info', 'warn', 'error', 'fatal'].map((level) => [level, log]),
  ) as unknown as SMTPServerOptions['logger'];
}
