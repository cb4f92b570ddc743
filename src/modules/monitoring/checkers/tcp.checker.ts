import type net from 'node:net';
import { z } from 'zod';
import { AnswerText, textFacts } from './answer-text.js';
import { needText } from './assertions.js';
import type { Attempt } from './attempt.js';
import type { Checker, CheckTarget } from './checker.js';
import { addressOf } from './target-address.js';

const SCHEMES = { 'tcp:': null };

const options = z.strictObject({
  send: z
    .string()
    .max(10_000)
    .default('')
    .describe('Text to send once connected, line ends included (`PING\\r\\n`); an answer must follow.'),
});

export type TcpOptions = z.output<typeof options>;

/** A port that accepts connections and, when something is sent or expected, answers. */
export const tcpChecker: Checker<TcpOptions> = {
  schemes: SCHEMES,
  options,
  secret_options: [],
  auth: [],
  asserts: ['body', 'json'],
  async probe(target, attempt) {
    const socket = await attempt.connect(addressOf(target.url, SCHEMES));
    if (target.options.send === '' && !needText(target.assertions)) return { failure: null };
    return { failure: null, ...textFacts(await converse(socket, target, attempt)) };
  },
};

function converse(socket: net.Socket, target: CheckTarget<TcpOptions>, attempt: Attempt): Promise<string> {
  return attempt.wait((resolve, reject) => {
    const answer = new AnswerText(target, attempt, resolve, reject);
    socket.setEncoding('utf8');
    socket.on('data', (part: string) => answer.add(part));
    socket.on('error', (error) => answer.end(error));
    socket.on('close', () => answer.end());
    if (target.options.send !== '') socket.write(target.options.send);
  });
}
