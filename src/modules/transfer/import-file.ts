import { createReadStream, createWriteStream } from 'node:fs';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { CodedException } from '../../common/coded-exception.js';

/** Keeps what is uploaded on disk while `work` reads it: storing takes longer than a request may take to arrive. */
export async function withUpload<T>(upload: Readable, work: (path: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'watchkeep-import-'));
  try {
    const path = join(folder, 'bundle');
    await pipeline(upload, createWriteStream(path, { mode: 0o600 })).catch((error: unknown) => {
      throw isBrokenOff(error) ? brokenOff() : error;
    });
    return await work(path);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Reads a file, compressed with gzip or not. `onRead` is told how many bytes of it were read by then. */
export async function* readBundle(
  path: string,
  onRead: (bytes: number) => void = () => undefined,
): AsyncGenerator<Buffer> {
  const file = createReadStream(path, { highWaterMark: 256 * 1024 });
  const isZipped = await startsAsGzip(path);
  const source = isZipped ? file.pipe(createGunzip()) : file;
  file.on('error', (error) => source.destroy(error));
  try {
    for await (const chunk of source as AsyncIterable<Buffer>) {
      onRead(file.bytesRead);
      yield chunk;
    }
  } catch (error) {
    if (!isZipped || !String((error as NodeJS.ErrnoException).code).startsWith('Z_')) throw error;
    throw new CodedException('VALIDATION_FAILED', 'The file is cut off or damaged: it cannot be unpacked.');
  } finally {
    file.destroy();
  }
}

function isBrokenOff(error: unknown): boolean {
  return ['ECONNRESET', 'ERR_STREAM_PREMATURE_CLOSE'].includes((error as NodeJS.ErrnoException).code ?? '');
}

function brokenOff(): CodedException {
  return new CodedException('VALIDATION_FAILED', 'The upload broke off.');
}

async function startsAsGzip(path: string): Promise<boolean> {
  const file = await open(path);
  try {
    const { buffer } = await file.read(Buffer.alloc(2), 0, 2, 0);
    return buffer[0] === 0x1f && buffer[1] === 0x8b;
  } finally {
    await file.close();
  }
}
