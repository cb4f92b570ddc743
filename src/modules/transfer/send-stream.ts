import type { Response } from 'express';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';

/** Whoever takes nothing for so long is gone, or might as well be: an export holds on to a moment of the database. */
const STALLED_MS = 60_000;

export interface SentFile {
  contentType: string;
  name: string;
}

/**
 * Sends text as it comes, no faster than it is read; compressed where that is understood. When the reader goes, the source
 * is ended; when the source fails midway, the connection is cut, so that half a file is not taken for a whole one.
 */
export async function sendStream(
  response: Response,
  source: AsyncGenerator<string>,
  { contentType, name }: SentFile,
): Promise<void> {
  // What fails at once is answered as any other request.
  const first = await source.next();
  response.status(200).set({
    'Content-Type': contentType,
    'Content-Disposition': `attachment; filename="${name}"`,
    'Cache-Control': 'no-store',
    Vary: 'Accept-Encoding',
  });
  response.setTimeout(STALLED_MS, () => response.destroy());
  const text = Readable.from(withFirst(first, source), { objectMode: true, highWaterMark: 1 });
  const isZipped = response.req.acceptsEncodings('gzip', 'identity') === 'gzip';
  if (isZipped) response.set('Content-Encoding', 'gzip');
  await (isZipped ? pipeline(text, createGzip(), response) : pipeline(text, response)).catch(
    (error: unknown) => {
      if (!isGone(error)) throw error;
    },
  );
}

async function* withFirst(
  first: IteratorResult<string>,
  rest: AsyncGenerator<string>,
): AsyncGenerator<string> {
  try {
    if (first.done) return;
    yield first.value;
    yield* rest;
  } finally {
    await rest.return(undefined);
  }
}

function isGone(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ERR_STREAM_PREMATURE_CLOSE';
}
