import { once } from 'node:events';
import { createServer, get, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import express from 'express';
import { sendStream } from './send-stream.js';

describe('sendStream', () => {
  let server: Server;
  afterEach(() => server.close());

  it.each(['gzip', 'identity'])(
    'ends its source when the reader has gone before the first row (%s)',
    async (encoding) => {
      let asked!: () => void;
      const isAsked = new Promise<void>((resolve) => (asked = resolve));
      let ended!: () => void;
      const hasEnded = new Promise<void>((resolve) => (ended = resolve));
      const app = express();
      const answered = new Promise<void>((resolve, reject) => {
        app.get('/', (_, response) => {
          async function* rows(): AsyncGenerator<string> {
            try {
              asked();
              await once(response, 'close');
              await setTimeout(20);
              yield 'row';
              yield 'row';
            } finally {
              ended();
            }
          }
          sendStream(response, rows(), { contentType: 'text/plain', name: 'rows.txt' }).then(resolve, reject);
        });
      });
      server = createServer(app).listen(0);
      await once(server, 'listening');
      const { port } = server.address() as AddressInfo;
      const request = get({ port, headers: { 'Accept-Encoding': encoding } }).on('error', () => undefined);
      await isAsked;
      request.destroy();
      await Promise.all([hasEnded, answered]);
    },
  );
});
