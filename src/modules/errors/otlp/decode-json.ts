import { isObject } from '../../../common/is-object.js';
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

type Json = Record<string, unknown>;

const HEX = /^[\da-f]+$/i;

/**
 * Reads an `ExportLogsServiceRequest` in the JSON of OTLP: names in lowerCamelCase, whole numbers of 64 bits as text or
 * number, ids in hex (OTLP 1.x, “JSON Protobuf Encoding”). What is not known, or of another type, is passed over.
 * @throws CodedException `VALIDATION_FAILED`, `PAYLOAD_TOO_LARGE`
 */
export function decodeJson(body: Buffer): ResourceLogs[] {
  const budget = new RecordBudget();
  const request = parse(body);
  const given = request['resourceLogs'];
  if (given !== undefined && !Array.isArray(given)) throw invalid();
  return objects(given).map((each) => resourceLogs(each, budget));
}

function parse(body: Buffer): Json {
  let value: unknown;
  try {
    value = JSON.parse(body.toString('utf8'));
  } catch {
    throw invalid();
  }
  if (!isObject(value)) throw invalid();
  return value;
}

function invalid(): CodedException {
  return new CodedException('VALIDATION_FAILED', 'The body is not a valid ExportLogsServiceRequest.');
}

function resourceLogs({ resource, scopeLogs: scopes }: Json, budget: RecordBudget): ResourceLogs {
  budget.take();
  return {
    attributes: isObject(resource) ? attributes(resource['attributes'], 0) : {},
    scopes: objects(scopes).map((each) => scopeLogs(each, budget)),
  };
}

function scopeLogs({ scope, logRecords }: Json, budget: RecordBudget): ScopeLogs {
  budget.take();
  const records = objects(logRecords).map((each) => {
    budget.take();
    return logRecord(each);
  });
  return { name: isObject(scope) ? text(scope['name']) : '', records };
}

function logRecord(given: Json): LogRecord {
  return {
    ...emptyRecord(),
    time: time(given['timeUnixNano']) ?? time(given['observedTimeUnixNano']),
    severityNumber: Number(given['severityNumber']) || 0,
    severityText: text(given['severityText']),
    body: anyValue(given['body'], 0),
    attributes: attributes(given['attributes'], 0),
    traceId: id(given['traceId'], 32),
    spanId: id(given['spanId'], 16),
    eventName: text(given['eventName']),
  };
}

function attributes(given: unknown, depth: number): Attributes {
  const entries = objects(given)
    .slice(0, MAX_ENTRIES)
    .map(({ key, value }): [string, unknown] => [text(key), anyValue(value, depth)]);
  return Object.fromEntries(entries);
}

function anyValue(given: unknown, depth: number): unknown {
  if (!isObject(given)) return null;
  const { stringValue, boolValue, intValue, doubleValue, bytesValue, arrayValue, kvlistValue } = given;
  if (typeof stringValue === 'string') return stringValue;
  if (typeof boolValue === 'boolean') return boolValue;
  if (intValue !== undefined) return wholeNumber(intValue);
  if (typeof doubleValue === 'number' || typeof doubleValue === 'string') return doubleValue;
  if (typeof bytesValue === 'string') return bytesValue;
  if (depth >= MAX_VALUE_DEPTH) return null;
  if (isObject(arrayValue))
    return objects(arrayValue['values'])
      .slice(0, MAX_ENTRIES)
      .map((each) => anyValue(each, depth + 1));
  return isObject(kvlistValue) ? attributes(kvlistValue['values'], depth + 1) : null;
}

function wholeNumber(given: unknown): number | string | null {
  if (typeof given !== 'number' && typeof given !== 'string') return null;
  const number = Number(given);
  return Number.isSafeInteger(number) ? number : String(given);
}

function time(given: unknown): number | null {
  const nanoseconds = Number(given);
  return nanoseconds < 2 ** 64 ? timeOf(nanoseconds) : null;
}

function id(given: unknown, digits: number): string | null {
  return typeof given === 'string' && HEX.test(given) ? hexId(given, digits) : null;
}

function text(given: unknown): string {
  return typeof given === 'string' ? given : '';
}

function objects(given: unknown): Json[] {
  return Array.isArray(given) ? given.filter(isObject) : [];
}
