import { WebSocket } from 'ws';
import { z } from 'zod';
import { AnswerText, MAX_TEXT_LENGTH, textFacts } from './answer-text.js';
import { needText } from './assertions.js';
import type { Attempt } from './attempt.js';
import { CheckFailure } from './check-failure.js';
import type { Answer, Checker, CheckTarget } from './checker.js';
import { farewell } from './farewell.js';
import { requestHeaders } from './request-headers.js';
import { addressOf } from './target-address.js';
import { TLS_SECRETS, tlsOptions, tlsSettings } from './tls-options.js';

const SCHEMES = { 'ws:': 80, 'wss:': 443 };
const NORMAL_CLOSURE = 1000;

const options = z.strictObject({
  subprotocol: z
    .string()
    .max(200)
    .regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/, 'must be the name of a subprotocol')
    .optional()
    .describe('A subprotocol that the server must agree to.'),
  send: z.string().max(10_000).default('').describe('A message to send; another must come back.'),
  ...tlsOptions,
});

export type WebSocketOptions = z.output<typeof options>;

/** A WebSocket that opens and, when something is sent or expected, answers. Redirects are not followed. */
export const websocketChecker: Checker<WebSocketOptions> = {
  schemes: SCHEMES,
  options,
  secret_options: [...TLS_SECRETS],
  auth: ['basic', 'bearer'],
  asserts: ['body', 'json', 'header', 'certificate_days'],
  async probe(target, attempt) {
    const client = openWebSocket(target, attempt);
    const answer = await handshake(client, attempt);
    if (answer.failure !== null) return answer;
    const expectsText = target.options.send !== '' || needText(target.assertions);
    const text = expectsText ? await converse(client, target, attempt) : '';
    await farewell(attempt, close(client));
    return { ...answer, ...textFacts(text) };
  },
};

function openWebSocket(target: CheckTarget<WebSocketOptions>, attempt: Attempt): WebSocket {
  const url = new URL(target.url);
  const address = addressOf(target.url, SCHEMES);
  const socket =
    url.protocol === 'wss:' ? attempt.openSecure(address, tlsSettings(target)) : attempt.open(address);
  return new WebSocket(url, target.options.subprotocol ?? [], {
    createConnection: () => socket,
    headers: requestHeaders(target, {}),
    maxPayload: MAX_TEXT_LENGTH,
    perMessageDeflate: false,
  });
}

function handshake(client: WebSocket, attempt: Attempt): Promise<Answer> {
  return attempt.wait((resolve, reject) => {
    let headers: Answer['headers'];
    client.on('error', reject);
    client.on('upgrade', (response) => ({ headers } = response));
    client.on('open', () => {
      attempt.clock.mark('first_byte', 'waiting for the answer');
      // Nobody listens for messages yet.
      client.pause();
      resolve({ failure: null, status_code: 101, headers });
    });
    client.on('unexpected-response', (_, { statusCode, headers: refusal }) => {
      attempt.clock.mark('first_byte', 'reading the answer');
      resolve({ failure: `Expected 101, got ${statusCode}`, status_code: statusCode, headers: refusal });
    });
  });
}

function converse(
  client: WebSocket,
  target: CheckTarget<WebSocketOptions>,
  attempt: Attempt,
): Promise<string> {
  return attempt.wait((resolve, reject) => {
    const answer = new AnswerText(target, attempt, resolve, reject);
    client.on('message', (message: Buffer) => answer.add(message.toString()));
    client.on('error', reject);
    client.resume();
    client.on('close', (code) => answer.end(new CheckFailure(`Closed without an answer (code ${code})`)));
    if (target.options.send !== '') client.send(target.options.send);
  });
}

function close(client: WebSocket): Promise<void> {
  return new Promise((resolve) => {
    client.once('close', () => resolve());
    client.resume();
    client.close(NORMAL_CLOSURE);
  });
}
