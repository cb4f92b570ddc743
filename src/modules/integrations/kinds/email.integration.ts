import { isIP } from 'node:net';
import SMTPConnection from 'nodemailer/lib/smtp-connection';
import { z } from 'zod';
import { openConnection } from '../probing/open-connection.js';
import { type ProbeContext, ProbeFailure } from '../probing/probe-context.js';
import { emailAddress, hostName, text, verifyTls } from './fields.js';
import { defineKind } from './integration-kind.js';

const PORTS = { tls: 465, starttls: 587, none: 25 };

const settings = z
  .strictObject({
    host: hostName('Name or address of the SMTP server.'),
    port: z
      .int('must be a port')
      .min(1, 'must be a port')
      .max(65_535, 'must be a port')
      .optional()
      .describe('Its port. By default 465 with tls, 587 with starttls, 25 with none.'),
    security: z
      .enum(['starttls', 'tls', 'none'], 'must be starttls, tls or none')
      .default('starttls')
      .describe('starttls and tls insist on encryption; none sends everything in the clear.'),
    username: text('Who signs in; nobody does when left out.').optional(),
    password: z.string().min(1, 'must not be empty').max(1_000).optional().describe('The password.'),
    from: emailAddress('Address that e-mail is sent from.'),
    verify_tls: verifyTls,
  })
  .refine(({ username, password }) => (username === undefined) === (password === undefined), {
    path: ['password'],
    message: 'must come together with username',
  });

type EmailSettings = z.output<typeof settings>;

/** E-mail over SMTP (RFC 5321). The probe greets, secures, signs in and says goodbye: a session without a message. */
export const EMAIL = defineKind({
  name: 'email',
  title: 'Email Service',
  proves: 'The SMTP server takes a connection, TLS and the password. No message is begun.',
  settings,
  secrets: ['password'],
  destination: ['host', 'port', 'security', 'verify_tls'],
  async probe(given, context) {
    const port = given.port ?? PORTS[given.security];
    const socket = await openConnection(given.host, port, context);
    const session = new SMTPConnection({
      ...sessionOptions(given, port),
      connection: socket,
    });
    try {
      await Promise.race([converse(session, given, context), broken(session, context.signal)]);
      await quit(session, context);
    } catch (error) {
      throw sayWhere(error);
    } finally {
      session.close();
      socket.destroy();
    }
    return given.username === undefined ? 'The server is ready' : `Signed in as ${given.username}`;
  },
});

function sessionOptions({ host, security, verify_tls }: EmailSettings, port: number) {
  return {
    host,
    port,
    secure: security === 'tls',
    requireTLS: security === 'starttls',
    ignoreTLS: security === 'none',
    tls: { rejectUnauthorized: verify_tls, ...(isIP(host) === 0 && { servername: host }) },
  };
}

async function converse(session: SMTPConnection, given: EmailSettings, context: ProbeContext): Promise<void> {
  context.stage('waiting for the greeting of the SMTP server');
  await new Promise<void>((resolve, reject) => {
    session.connect((error) => (error ? reject(error) : resolve()));
  });
  const { username, password } = given;
  if (username === undefined || password === undefined) return;
  if (!session.allowsAuth) throw new ProbeFailure('The SMTP server offers no sign-in');
  context.stage('signing in to the SMTP server');
  await new Promise<void>((resolve, reject) => {
    session.login({ user: username, pass: password }, (error) => (error ? reject(error) : resolve()));
  });
}

/** Rejects with what ends the session before its time: not every failure reaches the callback of a command. */
function broken(session: SMTPConnection, signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    session.on('error', reject);
    signal.addEventListener('abort', () => reject(new Error('Given up')), { once: true });
  });
}

/** Everything has been proven by now: however the server takes it, the session is over. */
function quit(session: SMTPConnection, context: ProbeContext): Promise<void> {
  context.stage('saying goodbye to the SMTP server');
  return new Promise((resolve) => {
    session.once('end', resolve);
    session.once('error', () => resolve());
    session.quit();
  });
}

/** Which part of the session failed, and in which words of the server. */
function sayWhere(thrown: unknown): Error {
  const { code, response, message, cause } = thrown as {
    code?: string;
    response?: string;
    message: string;
    cause?: unknown;
  };
  if (code === 'EAUTH') return new ProbeFailure(`Sign-in refused: ${response ?? message}`);
  if (code === 'ETLS' && response) return new ProbeFailure(`The SMTP server offers no TLS: ${response}`);
  if (response) return new ProbeFailure(`The SMTP server says: ${response}`);
  if (code === 'ETLS' || message.includes('certificate')) {
    return new ProbeFailure(`TLS: ${message.replace('Error initiating TLS - ', '')}`);
  }
  return (cause as Error | undefined) ?? (thrown as Error);
}
