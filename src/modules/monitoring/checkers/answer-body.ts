import { TextDecoder } from 'node:util';
import type { Transform } from 'node:stream';
import { constants, createBrotliDecompress, createGunzip, createInflate, createInflateRaw } from 'node:zlib';
import { CheckFailure } from './check-failure.js';
import type { HopAnswer } from './exchange.js';

/** Encodings upon encodings, more than anybody has a use for. */
const MAX_ENCODINGS = 3;
/** The first byte of what zlib has compressed says so (RFC 1950, 2.2). */
const ZLIB = 8;

/** What can be read of a body that was cut off is read. */
const PATIENT = { finishFlush: constants.Z_SYNC_FLUSH };

interface Text {
  text: string;
  /** Whether there is more of it. */
  is_cut: boolean;
}

/**
 * The text of an answer, its encodings undone (RFC 9110, 8.4) and its characters read as it says. Of what is decoded
 * `max` bytes are kept at most, however much a small answer would become.
 * @throws CheckFailure when it cannot be decoded
 */
export async function readText({ body, is_cut, headers }: HopAnswer, max: number): Promise<Text> {
  const encodings = encodingsOf(headers['content-encoding']);
  let bytes = body;
  let isCut = is_cut;
  for (const encoding of body.length > 0 ? encodings.toReversed() : []) {
    const decoded = await decode(bytes, encoding, max, isCut);
    bytes = decoded.subarray(0, max);
    isCut ||= decoded.length > max;
  }
  return { text: decoderOf(headers['content-type']).decode(bytes), is_cut: isCut };
}

function encodingsOf(header: string | undefined): string[] {
  const names = (header ?? '').split(',').map((name) => name.trim().toLowerCase());
  const encodings = names.filter((name) => name !== '' && name !== 'identity');
  if (encodings.length <= MAX_ENCODINGS) return encodings;
  throw new CheckFailure(`The answer is encoded more than ${MAX_ENCODINGS} times`);
}

async function decode(bytes: Buffer, encoding: string, max: number, isCut: boolean): Promise<Buffer> {
  const decoder = makeDecoder(bytes, encoding, isCut);
  const parts: Buffer[] = [];
  let length = 0;
  decoder.end(bytes);
  try {
    for await (const part of decoder as AsyncIterable<Buffer>) {
      parts.push(part);
      length += part.length;
      if (length > max) break;
    }
  } catch {
    throw new CheckFailure(`The answer says that it is encoded as ${encoding}, but cannot be decoded`);
  }
  return Buffer.concat(parts);
}

function makeDecoder(bytes: Buffer, encoding: string, isCut: boolean): Transform {
  const options = isCut ? PATIENT : {};
  switch (encoding) {
    case 'gzip':
    case 'x-gzip':
      return createGunzip(options);
    case 'deflate':
      // Some servers send it without the frame of zlib, as browsers know.
      return (bytes[0]! & 0x0f) === ZLIB ? createInflate(options) : createInflateRaw(options);
    case 'br':
      return createBrotliDecompress(isCut ? { finishFlush: constants.BROTLI_OPERATION_FLUSH } : {});
    default:
      throw new CheckFailure(`The answer is encoded as ${encoding.slice(0, 50)}, which nobody here can read`);
  }
}

/** UTF-8 for a charset that nobody knows. */
function decoderOf(contentType: string | undefined): TextDecoder {
  const charset = /;\s*charset\s*=\s*"?([^\s;"]+)/i.exec(contentType ?? '')?.[1];
  try {
    return new TextDecoder(charset);
  } catch {
    return new TextDecoder();
  }
}
