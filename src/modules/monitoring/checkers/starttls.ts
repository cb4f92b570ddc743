import type net from 'node:net';
import type { Attempt } from './attempt.js';
import { CheckFailure } from './check-failure.js';
import { LineReader } from './line-reader.js';
import { askForTls } from './postgres-tls.js';
import { SmtpDialogue } from './smtp-dialogue.js';

export const STARTTLS_PROTOCOLS = ['smtp', 'imap', 'pop3', 'postgres'] as const;

type Protocol = (typeof STARTTLS_PROTOCOLS)[number];

/** What a check calls itself where a name is asked for; `.invalid` is nobody’s (RFC 2606). */
export const OUR_NAME = 'watchkeep.invalid';

/**
 * Asks a server to go on with TLS; the socket is then ready for the handshake.
 * @throws CheckFailure when it will not
 */
export async function startTls(protocol: Protocol, socket: net.Socket, attempt: Attempt): Promise<void> {
  switch (protocol) {
    case 'smtp': {
      const dialogue = new SmtpDialogue(socket, attempt);
      await dialogue.greeting();
      await dialogue.hello(OUR_NAME);
      return dialogue.startTls();
    }
    case 'imap': // RFC 3501, 6.2.1
      return inLines(socket, attempt, {
        greeting: /^\* OK/i,
        command: 'a STARTTLS',
        agreed: /^a OK/i,
        answer: /^a /i,
      });
    case 'pop3': // RFC 2595, 4
      return inLines(socket, attempt, { greeting: /^\+OK/, command: 'STLS', agreed: /^\+OK/, answer: /^/ });
    case 'postgres':
      return inPostgres(socket, attempt);
  }
}

interface LineProtocol {
  greeting: RegExp;
  command: string;
  agreed: RegExp;
  /** Which line is the answer to the command: others may come before it. */
  answer: RegExp;
}

async function inLines(socket: net.Socket, attempt: Attempt, protocol: LineProtocol): Promise<void> {
  const reader = new LineReader(socket, attempt);
  const greeting = await reader.next();
  if (!protocol.greeting.test(greeting)) throw new CheckFailure(`Greeting: ${greeting.slice(0, 200)}`);
  socket.write(`${protocol.command}\r\n`);
  let line = await reader.next();
  while (!protocol.answer.test(line)) line = await reader.next();
  if (!protocol.agreed.test(line)) throw new CheckFailure(`The server offers no TLS: ${line.slice(0, 200)}`);
  reader.release();
}

async function inPostgres(socket: net.Socket, attempt: Attempt): Promise<void> {
  const answer = await askForTls(socket, attempt);
  attempt.clock.mark('first_byte', 'TLS handshake');
  if (answer !== 'S') throw new CheckFailure('The server offers no TLS');
}
