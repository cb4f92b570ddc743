// The load generator, in a process of its own. It writes HTTP by hand: Node’s client would cost as much as the server.
import { createConnection } from 'node:net';
import { performance } from 'node:perf_hooks';
import { answers } from '../lib/child.mjs';
import { percentile } from '../lib/statistics.mjs';
import { PROTOCOLS } from './protocols.mjs';

const END_OF_HEAD = '\r\n\r\n';
const CONTENT_LENGTH = /\r\ncontent-length: *(\d+)/i;

answers({ run });

/**
 * Sends from `connections` keep-alive connections for `seconds`. Ends when every request has its answer: the rate counts
 * what is durable, not what was sent. Without `rate` each connection sends as soon as its last answer is there; with it,
 * requests are due at that rate, and latency counts from the time a request was due, whether or not a connection was free.
 * `most` ends it after so many requests.
 */
async function run({ target, protocol: name, connections, seconds, groups, first, rate, most = Infinity }) {
  const protocol = PROTOCOLS[name];
  const started = performance.now();
  const state = {
    protocol,
    started,
    deadline: started + seconds * 1000,
    requests: 0,
    first,
    groups,
    most,
    interval: rate && (1000 * protocol.errors) / rate,
    latencies: [],
    statuses: {},
  };
  const head = [
    `POST ${protocol.path(target)} HTTP/1.1`,
    `Host: 127.0.0.1:${target.port}`,
    'User-Agent: shop-backend/3.2 (benchmark)',
    ...protocol.headers(target),
    'Content-Length: ',
  ].join('\r\n');
  const all = Array.from({ length: connections }, () => new Connection(target.port, head, state).done);
  await Promise.all(all);
  return summary(state, (performance.now() - started) / 1000);
}

function summary({ latencies, statuses, requests, protocol }, elapsed) {
  const sorted = Float64Array.from(latencies).sort();
  const [p50, p95, p99] = [0.5, 0.95, 0.99].map((share) => percentile(sorted, share));
  const taken = ((statuses[201] ?? 0) + (statuses[200] ?? 0)) * protocol.errors;
  return { sent: requests * protocol.errors, taken, statuses, seconds: elapsed, p50, p95, p99 };
}

class Connection {
  #received = '';
  #dueAt = 0;

  constructor(port, head, state) {
    this.head = head;
    this.state = state;
    this.socket = createConnection({ port, host: '127.0.0.1', noDelay: true });
    this.socket.setEncoding('latin1');
    this.socket.on('connect', () => this.#next()).on('data', (text) => this.#receive(text));
    this.done = new Promise((resolve) => this.socket.on('close', resolve));
    this.socket.on('error', (error) => this.#count(error.code));
  }

  /** Takes the next request of the schedule, and waits until it is due. */
  #next() {
    const { state } = this;
    const now = performance.now();
    const index = state.requests;
    this.#dueAt = state.interval ? state.started + index * state.interval : now;
    if (this.#dueAt >= state.deadline || index >= state.most) return this.socket.end();
    state.requests++;
    if (this.#dueAt > now) setTimeout(() => this.#send(index), this.#dueAt - now);
    else this.#send(index);
  }

  #send(index) {
    const { protocol, first, groups } = this.state;
    const body = protocol.body(first + index * protocol.errors, groups);
    this.socket.write(this.head + body.length + END_OF_HEAD + body, 'latin1');
  }

  #receive(text) {
    this.#received += text;
    const end = this.#received.indexOf(END_OF_HEAD);
    if (end < 0) return;
    const length = Number(CONTENT_LENGTH.exec(this.#received)?.[1]);
    if (!(this.#received.length - end - END_OF_HEAD.length >= length)) return;
    this.state.latencies.push(performance.now() - this.#dueAt);
    this.#count(this.#received.slice(9, 12));
    this.#received = '';
    this.#next();
  }

  #count(status) {
    this.state.statuses[status] = (this.state.statuses[status] ?? 0) + 1;
  }
}
