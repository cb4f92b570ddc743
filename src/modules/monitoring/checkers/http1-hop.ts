import { request as httpRequest } from 'node:http';
import type net from 'node:net';
import type { Attempt } from './attempt.js';
import { type HopAnswer, type HopRequest, readAnswer } from './exchange.js';

const MAX_HEADER_BYTES = 32 * 1024;

/** One request over HTTP/1.1. `path` is all of the address when a proxy is asked. */
export function sendHttp1(
  hop: HopRequest,
  socket: net.Socket,
  attempt: Attempt,
  path = hop.url.pathname + hop.url.search,
): Promise<HopAnswer> {
  return attempt.wait((resolve, reject) => {
    const request = httpRequest({
      method: hop.method,
      path,
      headers: hop.headers,
      maxHeaderSize: MAX_HEADER_BYTES,
      createConnection: () => socket,
    });
    request.on('error', reject);
    request.on('response', (response) => {
      attempt.clock.mark('first_byte', 'reading the answer');
      response.on('error', reject);
      readAnswer(response, hop, (read) => {
        attempt.clock.mark('download', 'reading the answer');
        resolve({ status_code: response.statusCode!, headers: response.headers, ...read });
      });
    });
    request.end(hop.body ?? undefined);
  });
}
