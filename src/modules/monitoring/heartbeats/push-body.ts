import type { RequestHandler } from 'express';

const PATH = /^\/api\/push\//i;
const KEPT_BYTES = 10 * 1_024;
/** Whoever sends more has mistaken the address for another. */
const READ_BYTES = 1_024 * 1_024;

/**
 * Reads the body of a heartbeat as text, whatever type it claims to have: cron jobs send their output with whatever
 * client is at hand. Its beginning is kept; the rest, up to 1 MiB, is read and dropped so that the answer arrives.
 */
export const pushBody: RequestHandler = (request, _response, next) => {
  if (!PATH.test(request.path)) {
    next();
    return;
  }
  const chunks: Buffer[] = [];
  let bytes = 0;
  request.on('data', (chunk: Buffer) => {
    if (bytes < KEPT_BYTES) chunks.push(chunk);
    bytes += chunk.length;
    if (bytes > READ_BYTES) request.destroy();
  });
  // Whoever breaks off hears no answer, and nobody here needs to look at it.
  request.on('error', () => undefined);
  request.on('end', () => {
    request.body = Buffer.concat(chunks).subarray(0, KEPT_BYTES).toString('utf8');
    next();
  });
};
