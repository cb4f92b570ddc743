import { CodedException } from '../coded-exception.js';

const MAX_DEPTH = 64;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPENING = new Set([0x7b, 0x5b]);
const CLOSING = new Set([0x7d, 0x5d]);
const LETTER_U = 0x75;

/**
 * Looks over raw JSON before it is parsed, in one pass: nesting deeper than {@link MAX_DEPTH} would exhaust the stack
 * of whatever walks the value later, and NUL characters cannot be stored by PostgreSQL.
 * @throws CodedException `VALIDATION_FAILED`, or `UNSUPPORTED_MEDIA_TYPE` for another encoding, in which bytes mean other things
 */
export function guardJson(bytes: Buffer, encoding = 'utf-8'): void {
  if (encoding.toLowerCase() !== 'utf-8')
    throw new CodedException('UNSUPPORTED_MEDIA_TYPE', 'Send JSON in UTF-8.');
  let depth = 0;
  let inString = false;
  for (let index = 0; index < bytes.length; index++) {
    const byte = bytes[index]!;
    if (inString) {
      if (byte === BACKSLASH) {
        if (bytes[index + 1] === LETTER_U && bytes.toString('latin1', index + 2, index + 6) === '0000')
          refuse('Text must not contain NUL characters.');
        index++;
      } else if (byte === QUOTE) inString = false;
    } else if (byte === QUOTE) inString = true;
    else if (OPENING.has(byte)) {
      if (++depth > MAX_DEPTH) refuse(`JSON must not be nested deeper than ${MAX_DEPTH} levels.`);
    } else if (CLOSING.has(byte)) depth--;
  }
}

function refuse(message: string): never {
  throw new CodedException('VALIDATION_FAILED', message);
}
