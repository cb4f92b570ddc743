// The load generator, in a process of its own. It writes HTTP by hand: Node’s client would cost as much as the server.
import { createConnection } from 'node:net';
import { performance } from 'node:perf_hooks';
import { answers } from '../lib/child.mjs';
import { percentile } from '../lib/statistics.mjs';
import { errorBody } from './error-bodies.mjs';

const END_OF_HEAD = '\r\n\r\n';
const CONTENT_LENGTH = /\r\ncontent-length: *(\d+)/i;

answers({ run });

/**
 * Posts from `connections` keep-alive connections, each as soon as the last answer is there, for `seconds`.
 * Ends when every request has its answer: the rate counts what is durable, not what was sent.
 */
async function run({ port, key, connections, seconds, groups, first }) {
  const started = performance.now();
  const state = { deadline: started + seconds * 1000, next: first, groups, latencies: [], statuses: {} };
  const head = [
    'POST /api/errors HTTP/1.1',
    `Host: 127.0.0.1:${port}`,
    `X-API-Key: ${key}`,
    'User-Agent: shop-backend/3.2 (benchmark)',
    'Content-Type: application/json',
    'Content-Length: ',
  ].join('\r\n');
  await Promise.all(Array.from({ length: connections }, () => new Connection(port, head, state).done));
  const elapsed = (performance.now() - started) / 1000;
  return summary(state, elapsed, state.next - first);
}

function summary({ latencies, statuses }, elapsed, sent) {
  const sorted = Float64Array.from(latencies).sort();
  const [p50, p95, p99] = [0.5, 0.95, 0.99].map((share) => percentile(sorted, share));
  return { sent, created: statuses[201] ?? 0, statuses, seconds: elapsed, p50, p95, p99 };
}

class Connection {
  #received = '';
  #sentAt = 0;

  constructor(port, head, state) {
    this.head = head;
    this.state = state;
    this.socket = createConnection({ port, host: '127.0.0.1', noDelay: true });
    this.socket.setEncoding('latin1');
    this.socket.on('connect', () => this.#send()).on('data', (text) => this.#receive(text));
    this.done = new Promise((resolve) => this.socket.on('close', resolve));
    this.socket.on('error', (error) => this.#count(error.code));
  }

  #send() {
    this.#sentAt = performance.now();
    if (this.#sentAt >= this.state.deadline) return this.socket.end();
    const sequence = this.state.next++;
    const body = errorBody(sequence % this.state.groups, sequence);
    this.socket.write(this.head + body.length + END_OF_HEAD + body, 'latin1');
  }

  #receive(text) {
    this.#received += text;
    const end = this.#received.indexOf(END_OF_HEAD);
    if (end < 0) return;
    const length = Number(CONTENT_LENGTH.exec(this.#received)?.[1]);
    if (!(this.#received.length - end - END_OF_HEAD.length >= length)) return;
    this.state.latencies.push(performance.now() - this.#sentAt);
    this.#count(this.#received.slice(9, 12));
    this.#received = '';
    this.#send();
  }

  #count(status) {
    this.state.statuses[status] = (this.state.statuses[status] ?? 0) + 1;
  }
}
