import type net from 'node:net';
import { z } from 'zod';
import type { Attempt } from './attempt.js';
import { CheckFailure } from './check-failure.js';
import type { Answer, Checker, CheckTarget } from './checker.js';
import { encodeCommand, NotRedis, readReplies, RedisError, type Reply } from './redis-protocol.js';
import { addressOf } from './target-address.js';
import { TLS_SECRETS, tlsOptions, tlsSettings } from './tls-options.js';

const MAX_BYTES = 32 * 1_024;
const MAX_SHOWN = 250;

const SCHEMES = { 'redis:': 6379, 'rediss:': 6379 };

const options = z.strictObject({
  ...tlsOptions,
  role: z
    .enum(['any', 'master', 'replica'])
    .default('any')
    .describe(
      'The role that the server must have. A replica must also be connected to its master. `any`: it is not asked.',
    ),
});

export type RedisOptions = z.output<typeof options>;

/** Errors that mean more to a person in other words. */
const WORDS: Record<string, string> = {
  NOAUTH: 'Login needed: the server asks for a password',
  LOADING: 'Redis is loading its data',
  MASTERDOWN: 'This replica has lost its master',
  BUSY: 'Redis is busy running a script',
  DENIED: 'Redis refuses connections from other machines (protected mode)',
  MISCONF: 'Redis cannot save its data to disk',
};

/**
 * A Redis server, or one that speaks its protocol: logs in, selects the database of the address, and expects PONG.
 * Four commands on one socket need no client library, whose own reconnecting and pooling would be in the way.
 */
export const redisChecker: Checker<RedisOptions> = {
  schemes: SCHEMES,
  options,
  secret_options: TLS_SECRETS,
  auth: ['basic'],
  asserts: ['certificate_days'],
  async probe(target, attempt) {
    const url = new URL(target.url);
    const commands = commandsFor(target, databaseOf(url));
    const socket = await attempt.connect(
      addressOf(target.url, SCHEMES),
      url.protocol === 'rediss:' ? tlsSettings(target) : undefined,
    );
    const replies = await converse(socket, commands, attempt);
    attempt.clock.mark('download', 'reading the answer');
    return { failure: unexpected(replies, commands, target) } satisfies Answer;
  },
};

type Command = readonly [name: 'AUTH' | 'SELECT' | 'PING' | 'ROLE', ...words: string[]];

function commandsFor({ auth, options: { role } }: CheckTarget<RedisOptions>, database: number): Command[] {
  const commands: Command[] = [];
  if (auth?.type === 'basic') {
    // Servers before version 6 know passwords only.
    commands.push(auth.username ? ['AUTH', auth.username, auth.password] : ['AUTH', auth.password]);
  }
  if (database > 0) commands.push(['SELECT', String(database)]);
  commands.push(['PING']);
  if (role !== 'any') commands.push(['ROLE']);
  return commands;
}

function databaseOf({ pathname }: URL): number {
  if (!/^\/?\d{0,6}$/.test(pathname)) {
    throw new CheckFailure('The path of the address is not the number of a database');
  }
  return Number(pathname.slice(1));
}

/** Sends all commands at once and reads until each has its reply, or one has failed. */
function converse(socket: net.Socket, commands: readonly Command[], attempt: Attempt): Promise<Reply[]> {
  return attempt.wait((resolve, reject) => {
    let received = Buffer.alloc(0);
    socket.on('error', reject);
    socket.on('close', () => reject(new Error(received.length > 0 ? 'aborted' : 'socket hang up')));
    socket.on('data', (chunk) => {
      if (received.length === 0) attempt.clock.mark('first_byte', 'reading the answer');
      received = Buffer.concat([received, chunk]);
      try {
        if (received.length > MAX_BYTES) throw new NotRedis();
        const replies = readReplies(received);
        if (replies.length >= commands.length || replies.some(isError)) resolve(replies);
      } catch {
        reject(new CheckFailure('The server does not speak Redis'));
      }
    });
    socket.write(commands.map(encodeCommand).join(''));
  });
}

function unexpected(
  replies: readonly Reply[],
  commands: readonly Command[],
  { options: { role } }: CheckTarget<RedisOptions>,
): string | null {
  const failed = replies.findIndex(isError);
  if (failed !== -1) return wordsFor(replies[failed] as RedisError, commands[failed]?.[0]);
  const of = (name: Command[0]): Reply | undefined => replies[commands.findIndex(([each]) => each === name)];
  if (of('PING') !== 'PONG') return 'The answer to PING is not PONG';
  return role === 'any' ? null : otherRole(role, of('ROLE'));
}

function wordsFor({ message }: RedisError, command: Command[0] | undefined): string {
  const words = WORDS[message.split(' ', 1)[0]!];
  if (words) return words;
  const rest = message.replace(/^(ERR|WRONGPASS) /, '').slice(0, MAX_SHOWN);
  return command === 'AUTH' ? `Login refused: ${rest}` : `Redis: ${rest}`;
}

/** `ROLE` answers ["master", …], ["slave", host, port, state of the link, …] or ["sentinel", …]. */
function otherRole(wanted: 'master' | 'replica', reply: Reply | undefined): string | null {
  const [name, , , link] = Array.isArray(reply) ? reply : [];
  const found = name === 'slave' ? 'replica' : shown(name);
  if (found !== wanted) return `Expected a ${wanted}, got a ${found}`;
  if (found === 'replica' && link !== 'connected') return `This replica has lost its master (${shown(link)})`;
  return null;
}

function shown(reply: Reply | undefined): string {
  return typeof reply === 'string' ? reply.slice(0, MAX_SHOWN) : 'server that does not say';
}

function isError(reply: Reply): reply is RedisError {
  return reply instanceof RedisError;
}
