import type net from 'node:net';
import { z } from 'zod';
import type { Attempt } from './attempt.js';
import { CheckFailure } from './check-failure.js';
import type { Answer, Checker, CheckTarget } from './checker.js';
import { farewell } from './farewell.js';
import { SmtpDialogue, type SmtpReply, UnexpectedReply } from './smtp-dialogue.js';
import { OUR_NAME } from './starttls.js';
import { addressOf } from './target-address.js';
import { TLS_SECRETS, tlsOptions, tlsSettings } from './tls-options.js';

const SCHEMES = { 'smtp:': 25, 'smtps:': 465 };

const schema = z.strictObject({
  starttls: z
    .enum(['never', 'optional', 'required'])
    .default('optional')
    .describe(
      'Whether smtp:// goes on with TLS: never, when the server offers it, or always. ' +
        'Credentials go over a connection without TLS only with `never`.',
    ),
  ehlo_name: z
    .string()
    .max(255)
    .regex(/^[A-Za-z0-9[]([A-Za-z0-9.:\]-]*)$/, 'must be a host name, or an address in brackets')
    .default(OUR_NAME)
    .describe('What the check calls itself in EHLO.'),
  ...tlsOptions,
});

export type SmtpOptions = z.output<typeof schema>;

interface Session {
  dialogue: SmtpDialogue;
  greeting: SmtpReply;
  hello: SmtpReply;
  secure: boolean;
}

/** A mail server that greets, and when asked to encrypts and lets us in. No mail is ever sent. */
export const smtpChecker: Checker<SmtpOptions> = {
  schemes: SCHEMES,
  options: schema,
  secret_options: [...TLS_SECRETS],
  auth: ['basic'],
  asserts: ['body', 'certificate_days'],
  async probe(target, attempt) {
    try {
      return await visit(target, attempt);
    } catch (error) {
      if (!(error instanceof UnexpectedReply)) throw error;
      return { failure: error.message, status_code: error.reply.code, text: error.reply.lines.join('\n') };
    }
  },
};

async function visit(target: CheckTarget<SmtpOptions>, attempt: Attempt): Promise<Answer> {
  const session = await open(target, attempt);
  const { dialogue, greeting, hello } = session;
  const login = target.auth?.type === 'basic' ? await logIn(session, target) : undefined;
  attempt.clock.mark('download', 'reading the answer');
  await farewell(attempt, dialogue.ask('QUIT'));
  return {
    failure: null,
    status_code: (login ?? hello).code,
    text: [...greeting.lines, ...hello.lines].join('\n'),
  };
}

async function open(target: CheckTarget<SmtpOptions>, attempt: Attempt): Promise<Session> {
  const { starttls, ehlo_name } = target.options;
  const secure = new URL(target.url).protocol === 'smtps:';
  const settings = tlsSettings(target);
  const socket = await attempt.connect(addressOf(target.url, SCHEMES), secure ? settings : undefined);
  const { dialogue, greeting, hello } = await greet(socket, ehlo_name, attempt);
  if (secure || starttls === 'never') return { dialogue, greeting, hello, secure };
  if (!hello.lines.some((line) => line.toUpperCase() === 'STARTTLS')) {
    if (starttls === 'required') throw new CheckFailure('The server does not offer STARTTLS');
    return { dialogue, greeting, hello, secure };
  }
  await dialogue.startTls();
  const encrypted = new SmtpDialogue(await attempt.secure(socket, settings), attempt);
  return { dialogue: encrypted, greeting, hello: await encrypted.hello(ehlo_name), secure: true };
}

async function greet(socket: net.Socket, name: string, attempt: Attempt) {
  const dialogue = new SmtpDialogue(socket, attempt);
  const greeting = await dialogue.greeting();
  return { dialogue, greeting, hello: await dialogue.hello(name) };
}

/** AUTH PLAIN (RFC 4616) when it is offered, else LOGIN. */
async function logIn(
  session: Session,
  { auth, options }: CheckTarget<SmtpOptions>,
): Promise<SmtpReply | undefined> {
  if (auth?.type !== 'basic') return undefined;
  const { dialogue, hello, secure } = session;
  if (!secure && options.starttls !== 'never') {
    throw new CheckFailure('Not logged in: the server offers no TLS, and the password is not sent without');
  }
  const offered =
    hello.lines
      .find((line) => /^AUTH[ =]/i.test(line))
      ?.toUpperCase()
      .split(/[ =]/) ?? [];
  if (offered.includes('PLAIN')) {
    return dialogue.command(`AUTH PLAIN ${base64(`\0${auth.username}\0${auth.password}`)}`, 235);
  }
  if (!offered.includes('LOGIN'))
    throw new CheckFailure('The server offers neither AUTH PLAIN nor AUTH LOGIN');
  await dialogue.command('AUTH LOGIN', 334);
  await dialogue.command(base64(auth.username), 334, 'AUTH LOGIN');
  return dialogue.command(base64(auth.password), 235, 'AUTH LOGIN');
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}
