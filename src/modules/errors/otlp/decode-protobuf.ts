import protobuf from 'protobufjs/minimal.js';
import type { Reader } from 'protobufjs';
import { CodedException } from '../../../common/coded-exception.js';
import {
  type Attributes,
  emptyRecord,
  hexId,
  type LogRecord,
  MAX_ENTRIES,
  MAX_VALUE_DEPTH,
  type ResourceLogs,
  type ScopeLogs,
  timeOf,
} from './log-records.js';
import { RecordBudget } from './record-budget.js';

/**
 * Reads an `ExportLogsServiceRequest` (opentelemetry-proto 1.x: `logs/v1`, `common/v1`, `resource/v1`). Cases are tags:
 * field number × 8 + wire type, so that a field of another wire type is passed over like one that is not known.
 *
 * By hand and not from a descriptor: only what is needed is read, nothing nests deeper than it should, and no code is
 * made at run time.
 * @throws CodedException `VALIDATION_FAILED`, `PAYLOAD_TOO_LARGE`
 */
export function decodeProtobuf(body: Buffer): ResourceLogs[] {
  const reader = protobuf.Reader.create(body);
  const budget = new RecordBudget();
  const all: ResourceLogs[] = [];
  try {
    eachField(reader, reader.len, (tag) => {
      if (tag !== 0x0a) return false;
      all.push(resourceLogs(reader, budget));
      return true;
    });
  } catch (error) {
    if (error instanceof CodedException) throw error;
    throw new CodedException('VALIDATION_FAILED', 'The body is not a valid ExportLogsServiceRequest.');
  }
  return all;
}

function resourceLogs(reader: Reader, budget: RecordBudget): ResourceLogs {
  budget.take();
  const logs: ResourceLogs = { attributes: {}, scopes: [] };
  eachField(reader, endOf(reader), (tag) => {
    if (tag === 0x0a) logs.attributes = resource(reader);
    else if (tag === 0x12) logs.scopes.push(scopeLogs(reader, budget));
    else return false;
    return true;
  });
  return logs;
}

function resource(reader: Reader): Attributes {
  const entries: [string, unknown][] = [];
  eachField(reader, endOf(reader), (tag) => {
    if (tag !== 0x0a) return false;
    push(entries, keyValue(reader, 0));
    return true;
  });
  return Object.fromEntries(entries);
}

function scopeLogs(reader: Reader, budget: RecordBudget): ScopeLogs {
  budget.take();
  const logs: ScopeLogs = { name: '', records: [] };
  eachField(reader, endOf(reader), (tag) => {
    if (tag === 0x0a) logs.name = scopeName(reader);
    else if (tag === 0x12) logs.records.push(logRecord(reader, budget));
    else return false;
    return true;
  });
  return logs;
}

function scopeName(reader: Reader): string {
  let name = '';
  eachField(reader, endOf(reader), (tag) => {
    if (tag !== 0x0a) return false;
    name = reader.string();
    return true;
  });
  return name;
}

function logRecord(reader: Reader, budget: RecordBudget): LogRecord {
  budget.take();
  const record = emptyRecord();
  const attributes: [string, unknown][] = [];
  let observed: number | null = null;
  eachField(reader, endOf(reader), (tag) => {
    if (tag === 0x09) record.time = timeOf(fixed64(reader));
    else if (tag === 0x59) observed = timeOf(fixed64(reader));
    else if (tag === 0x32) push(attributes, keyValue(reader, 0));
    else return recordField(reader, tag, record);
    return true;
  });
  record.time ??= observed;
  record.attributes = Object.fromEntries(attributes);
  return record;
}

function recordField(reader: Reader, tag: number, record: LogRecord): boolean {
  switch (tag) {
    case 0x10:
      record.severityNumber = reader.int32();
      return true;
    case 0x1a:
      record.severityText = reader.string();
      return true;
    case 0x2a:
      record.body = anyValue(reader, 0);
      return true;
    case 0x4a:
      record.traceId = hexId(hex(reader), 32);
      return true;
    case 0x52:
      record.spanId = hexId(hex(reader), 16);
      return true;
    case 0x62:
      record.eventName = reader.string();
      return true;
    default:
      return false;
  }
}

function keyValue(reader: Reader, depth: number): [string, unknown] {
  let key = '';
  let value: unknown = null;
  eachField(reader, endOf(reader), (tag) => {
    if (tag === 0x0a) key = reader.string();
    else if (tag === 0x12) value = anyValue(reader, depth);
    else return false;
    return true;
  });
  return [key, value];
}

function anyValue(reader: Reader, depth: number): unknown {
  let value: unknown = null;
  eachField(reader, endOf(reader), (tag) => {
    const known = scalar(reader, tag);
    if (known !== undefined) value = known;
    else if ((tag === 0x2a || tag === 0x32) && depth < MAX_VALUE_DEPTH)
      value = tag === 0x2a ? list(reader, depth + 1) : map(reader, depth + 1);
    else return false;
    return true;
  });
  return value;
}

/** Undefined: the tag is of another field, and nothing was read. */
function scalar(reader: Reader, tag: number): string | boolean | number | undefined {
  switch (tag) {
    case 0x0a:
      return reader.string();
    case 0x10:
      return reader.bool();
    case 0x18:
      return wholeNumber(reader);
    case 0x21:
      return finite(reader.double());
    case 0x3a:
      return Buffer.from(reader.bytes()).toString('base64');
    default:
      return undefined;
  }
}

function list(reader: Reader, depth: number): unknown[] {
  const values: unknown[] = [];
  eachField(reader, endOf(reader), (tag) => {
    if (tag !== 0x0a || values.length >= MAX_ENTRIES) return false;
    values.push(anyValue(reader, depth));
    return true;
  });
  return values;
}

function map(reader: Reader, depth: number): Attributes {
  const entries: [string, unknown][] = [];
  eachField(reader, endOf(reader), (tag) => {
    if (tag !== 0x0a || entries.length >= MAX_ENTRIES) return false;
    entries.push(keyValue(reader, depth));
    return true;
  });
  return Object.fromEntries(entries);
}

function push(entries: [string, unknown][], entry: [string, unknown]): void {
  if (entries.length < MAX_ENTRIES) entries.push(entry);
}

/** Hands the tag of each field of a message to `read`, and passes over those that it does not take. */
function eachField(reader: Reader, end: number, read: (tag: number) => boolean): void {
  while (reader.pos < end) {
    const tag = reader.uint32();
    if (!read(tag)) reader.skipType(tag & 7);
  }
  if (reader.pos !== end) throw new RangeError('A field is longer than its message.');
}

/** Where the message ends that begins here with its length. */
function endOf(reader: Reader): number {
  const length = reader.uint32();
  const end = reader.pos + length;
  if (end > reader.len) throw new RangeError('A message is longer than the body.');
  return end;
}

function fixed64(reader: Reader): number {
  const low = reader.fixed32();
  return reader.fixed32() * 2 ** 32 + low;
}

/** A varint of 64 bits in two’s complement. */
function wholeNumber(reader: Reader): number | string {
  const text = (reader.int64() as { toString(): string }).toString();
  const number = Number(text);
  return Number.isSafeInteger(number) ? number : text;
}

/** JSON has no other numbers. */
function finite(value: number): number | string {
  return Number.isFinite(value) ? value : String(value);
}

function hex(reader: Reader): string {
  return Buffer.from(reader.bytes()).toString('hex');
}
