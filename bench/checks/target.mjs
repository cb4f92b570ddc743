// What is checked: answers `200 ok` to anything, as cheaply as a socket allows, and counts who asked how often.
import { createServer } from 'node:net';
import { answers } from '../lib/child.mjs';

const ANSWER =
  'HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok';

/** Requests by path. */
const hits = new Map();

const server = createServer((socket) => {
  let received = '';
  socket.setEncoding('latin1');
  socket.on('error', () => undefined);
  socket.on('data', (text) => {
    received += text;
    if (!received.includes('\r\n\r\n')) return;
    const path = received.split(' ', 2)[1];
    hits.set(path, (hits.get(path) ?? 0) + 1);
    socket.end(ANSWER);
  });
}).listen({ port: 0, host: '127.0.0.1', backlog: 4096 }, () =>
  answers({
    port: () => server.address().port,
    hits: () => Object.fromEntries(hits),
    forget: () => hits.clear(),
  }),
);
