import type { RequestHandler } from 'express';

const PATH = /^\/api\/push\//i;
const KEPT_BYTES = 10 * 1_024;
/** Whoever sends more may have an answer, but no patience. */
const READ_BYTES = 64 * 1_024 * 1_024;

/**
 * Reads the body of a heartbeat as text, whatever type it claims to have: cron jobs send their output with whatever
 * client is at hand. Its beginning is kept; the rest, up to 64 MiB, is read and dropped so that the answer arrives. Beyond
 * that the report counts all the same, and the connection is closed behind the answer.
 */
export const pushBody: RequestHandler = (request, response, next) => {
  if (!PATH.test(request.path)) {
    next();
    return;
  }
  const chunks: Buffer[] = [];
  let bytes = 0;
  let ended = false;
  const end = (): void => {
    if (ended) return;
    ended = true;
    request.body = Buffer.concat(chunks).subarray(0, KEPT_BYTES).toString('utf8');
    next();
  };
  request.on('data', (chunk: Buffer) => {
    if (bytes < KEPT_BYTES) chunks.push(chunk);
    bytes += chunk.length;
    if (bytes <= READ_BYTES || ended) return;
    request.pause();
    response.set('Connection', 'close');
    end();
  });
  // Whoever breaks off hears no answer, and nobody here needs to look at it.
  request.on('error', () => undefined);
  request.on('end', end);
};
