import { isObject } from '../../../common/is-object.js';
import { CodedException } from '../../../common/coded-exception.js';
import type { Given } from './given.js';

/** One thing that an envelope carries: an event, a check-in, a report of what the client has thrown away… */
export interface EnvelopeItem {
  type: string;
  header: Given;
  payload: Buffer;
}

export interface Envelope {
  header: Given;
  items: EnvelopeItem[];
}

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const MAX_ITEMS = 1_000;

/**
 * Takes an envelope apart: `header\n` and then items, each `header\n payload`. A payload with a `length` has exactly that
 * many bytes; one without ends with its line. Empty lines between items, and CRLF, are let pass. One pass: no byte is
 * looked at more than twice. Source: develop.sentry.dev, “Envelopes”.
 * @throws CodedException `VALIDATION_FAILED`
 */
export function parseEnvelope(bytes: Buffer): Envelope {
  const head = lineAt(bytes, 0);
  const envelope: Envelope = { header: headerOf(head.line, 'The envelope'), items: [] };
  let at = head.next;
  while (at < bytes.length) {
    if (isBlank(bytes[at]!)) {
      at++;
      continue;
    }
    if (envelope.items.length === MAX_ITEMS) {
      throw malformed(`The envelope has more than ${MAX_ITEMS} items.`);
    }
    const { line, next } = lineAt(bytes, at);
    const name = `Item ${envelope.items.length + 1} of the envelope`;
    const header = headerOf(line, name);
    if (typeof header['type'] !== 'string') throw malformed(`${name} has no type.`);
    const payload = payloadAt(bytes, next, header['length'], name);
    envelope.items.push({ type: header['type'], header, payload: payload.line });
    at = payload.next;
  }
  return envelope;
}

/** The JSON object that an item carries. */
export function jsonOf(payload: Buffer, name: string): Given {
  const value = parse(payload);
  if (!isObject(value)) throw malformed(`${name} is not a JSON object.`);
  return value;
}

interface Part {
  line: Buffer;
  /** Where the rest begins. */
  next: number;
}

function lineAt(bytes: Buffer, start: number): Part {
  const end = bytes.indexOf(LINE_FEED, start);
  return end < 0
    ? { line: bytes.subarray(start), next: bytes.length }
    : { line: bytes.subarray(start, end), next: end + 1 };
}

function payloadAt(bytes: Buffer, start: number, length: unknown, name: string): Part {
  if (length === undefined || length === null) return lineAt(bytes, start);
  if (typeof length !== 'number' || !Number.isSafeInteger(length) || length < 0) {
    throw malformed(`${name} has a length that is none.`);
  }
  const end = start + length;
  if (end > bytes.length) throw malformed(`${name} is shorter than its length.`);
  if (end < bytes.length && !isBlank(bytes[end]!)) throw malformed(`${name} is longer than its length.`);
  return { line: bytes.subarray(start, end), next: end };
}

function headerOf(line: Buffer, name: string): Given {
  const header = parse(line);
  if (!isObject(header)) throw malformed(`${name} does not begin with a JSON object.`);
  return header;
}

function parse(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8')) as unknown;
  } catch {
    return undefined;
  }
}

function isBlank(byte: number): boolean {
  return byte === LINE_FEED || byte === CARRIAGE_RETURN;
}

export function malformed(message: string): CodedException {
  return new CodedException('VALIDATION_FAILED', message);
}
