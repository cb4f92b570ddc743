import type { IncomingMessage } from 'node:http';
import type { Transform } from 'node:stream';
import zlib from 'node:zlib';
import { CodedException } from '../../coded-exception.js';

/** `createZstdDecompress` came with Node 22.15 and 23.8. */
const { createZstdDecompress } = zlib as typeof zlib & { createZstdDecompress?: () => Transform };

const DECOMPRESSORS: Record<string, () => Transform> = {
  gzip: () => zlib.createGunzip(),
  'x-gzip': () => zlib.createGunzip(),
  deflate: () => zlib.createInflate(),
  br: () => zlib.createBrotliDecompress(),
  ...(createZstdDecompress && { zstd: createZstdDecompress }),
};

/**
 * The body of a request, decompressed. Stops as soon as it is longer than allowed, compressed or not: a small body that
 * unpacks to gigabytes is never held.
 * @throws CodedException `PAYLOAD_TOO_LARGE`, `UNSUPPORTED_MEDIA_TYPE` (an encoding that is not known),
 *   `VALIDATION_FAILED` (compressed data that is broken)
 */
export function readBody(request: IncomingMessage, maxBytes: number): Promise<Buffer> {
  // Broken off before anybody listened: no event would ever say so.
  if (request.destroyed) return Promise.reject(brokenBody());
  const encoding = request.headers['content-encoding']?.trim().toLowerCase();
  if (Number(request.headers['content-length']) > maxBytes) return Promise.reject(tooLarge(maxBytes));
  if (!encoding || encoding === 'identity') return collect(request, request, maxBytes);
  const decompressor = Object.hasOwn(DECOMPRESSORS, encoding) ? DECOMPRESSORS[encoding]!() : undefined;
  if (!decompressor) return Promise.reject(unknownEncoding(encoding));
  request.pipe(decompressor);
  return collect(request, decompressor, maxBytes);
}

function collect(
  request: IncomingMessage,
  source: IncomingMessage | Transform,
  maxBytes: number,
): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    const fail = (failure: CodedException): void => {
      if (source !== request) {
        request.unpipe();
        source.destroy();
      } else source.removeAllListeners('data');
      request.resume();
      reject(failure);
    };
    source.on('data', (chunk: Buffer) => {
      length += chunk.length;
      if (length > maxBytes) fail(tooLarge(maxBytes));
      else chunks.push(chunk);
    });
    source.on('end', () => resolve(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks, length)));
    source.on('error', () => fail(brokenBody()));
    request.on('aborted', () => fail(brokenBody()));
  });
}

function tooLarge(maxBytes: number): CodedException {
  return new CodedException(
    'PAYLOAD_TOO_LARGE',
    `The body is too large: at most ${Math.floor(maxBytes / 1024)} KiB, decompressed.`,
  );
}

function unknownEncoding(encoding: string): CodedException {
  const known = Object.keys(DECOMPRESSORS).join(', ');
  return new CodedException(
    'UNSUPPORTED_MEDIA_TYPE',
    `The content encoding ${encoding.slice(0, 40)} is not understood. Known are: ${known}.`,
  );
}

function brokenBody(): CodedException {
  return new CodedException('VALIDATION_FAILED', 'The body is incomplete or not compressed as it says.');
}
