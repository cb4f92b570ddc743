import type net from 'node:net';
import type { Attempt } from './attempt.js';
import { CheckFailure } from './check-failure.js';
import { LineReader } from './line-reader.js';

const MAX_LINES = 200;

/** What an SMTP server says (RFC 5321, 4.2). */
export interface SmtpReply {
  code: number;
  lines: string[];
}

/** A reply that is not the one that was hoped for. */
export class UnexpectedReply extends CheckFailure {
  constructor(
    to: string,
    expected: number,
    readonly reply: SmtpReply,
  ) {
    super(`${to}: expected ${expected}, got ${reply.code} ${reply.lines.join(' ')}`.slice(0, 300));
  }
}

/** One connection to an SMTP server. */
export class SmtpDialogue {
  private readonly reader: LineReader;

  constructor(
    private readonly socket: net.Socket,
    attempt: Attempt,
  ) {
    this.reader = new LineReader(socket, attempt);
  }

  /** @throws UnexpectedReply */
  async greeting(): Promise<SmtpReply> {
    return expect('Greeting', 220, await this.reply());
  }

  /** What the server can do, in capitals. */
  async hello(name: string): Promise<SmtpReply> {
    const reply = await this.ask(`EHLO ${name}`);
    if (reply.code === 250) return reply;
    // RFC 5321, 3.2: servers that do not know EHLO know HELO.
    if (reply.code === 500 || reply.code === 502) return this.command(`HELO ${name}`, 250);
    throw new UnexpectedReply('EHLO', 250, reply);
  }

  /**
   * `shown` is what messages call it, when it is a secret.
   * @throws UnexpectedReply
   */
  async command(line: string, expected: number, shown = line.split(' ')[0]!): Promise<SmtpReply> {
    return expect(shown, expected, await this.ask(line));
  }

  async ask(line: string): Promise<SmtpReply> {
    this.socket.write(`${line}\r\n`);
    return this.reply();
  }

  /** Asks for TLS; the socket is free for its handshake afterwards. */
  async startTls(): Promise<void> {
    await this.command('STARTTLS', 220);
    this.reader.release();
  }

  private async reply(): Promise<SmtpReply> {
    const lines: string[] = [];
    while (lines.length < MAX_LINES) {
      const line = await this.reader.next();
      const match = /^([2-5]\d\d)(?:([ -])(.*))?$/.exec(line);
      if (!match) throw new CheckFailure(`The answer is not SMTP: ${line.slice(0, 80)}`);
      lines.push(match[3] ?? '');
      if (match[2] !== '-') return { code: Number(match[1]), lines };
    }
    throw new CheckFailure('The answer does not end');
  }
}

function expect(to: string, expected: number, reply: SmtpReply): SmtpReply {
  if (reply.code !== expected) throw new UnexpectedReply(to, expected, reply);
  return reply;
}
