import { type Bytes, double, fixed64, sized, whole } from './protobuf-bytes.js';

type Value = string | number | bigint | boolean | Uint8Array | Value[] | { [name: string]: Value };

/** A log record as tests write it; both encodings are made from it. */
export interface SampleRecord {
  time?: bigint;
  observed?: bigint;
  severity?: number;
  severityText?: string;
  body?: Value;
  attributes?: Record<string, Value>;
  traceId?: string;
  spanId?: string;
}

export interface SampleLogs {
  resource: Record<string, Value>;
  scope: string;
  records: SampleRecord[];
}

export function asJson(...all: SampleLogs[]): string {
  return JSON.stringify({
    resourceLogs: all.map(({ resource, scope, records }) => ({
      resource: { attributes: jsonAttributes(resource) },
      scopeLogs: [{ scope: { name: scope }, logRecords: records.map(jsonRecord) }],
      schemaUrl: 'https://opentelemetry.io/schemas/1.27.0',
    })),
  });
}

function jsonRecord(record: SampleRecord): object {
  return {
    timeUnixNano: String(record.time ?? 0),
    observedTimeUnixNano: String(record.observed ?? 0),
    severityNumber: record.severity ?? 0,
    severityText: record.severityText ?? '',
    ...(record.body !== undefined && { body: jsonValue(record.body) }),
    attributes: jsonAttributes(record.attributes ?? {}),
    traceId: record.traceId ?? '',
    spanId: record.spanId ?? '',
    flags: 1,
  };
}

function jsonAttributes(attributes: Record<string, Value>): object[] {
  return Object.entries(attributes).map(([key, value]) => ({ key, value: jsonValue(value) }));
}

function jsonValue(value: Value): object {
  if (typeof value === 'string') return { stringValue: value };
  if (typeof value === 'boolean') return { boolValue: value };
  if (typeof value === 'bigint') return { intValue: String(value) };
  if (typeof value === 'number')
    return Number.isInteger(value) ? { intValue: value } : { doubleValue: value };
  if (value instanceof Uint8Array) return { bytesValue: Buffer.from(value).toString('base64') };
  if (Array.isArray(value)) return { arrayValue: { values: value.map(jsonValue) } };
  return { kvlistValue: { values: jsonAttributes(value) } };
}

export function asProtobuf(...all: SampleLogs[]): Buffer {
  const bytes = all.flatMap(({ resource, scope, records }) =>
    sized(1, [
      ...sized(1, protobufAttributes(1, resource)),
      ...sized(2, [...sized(1, sized(1, scope)), ...records.flatMap((one) => sized(2, protobufRecord(one)))]),
      ...sized(3, 'https://opentelemetry.io/schemas/1.27.0'),
    ]),
  );
  return Buffer.from(bytes);
}

function protobufRecord(record: SampleRecord): Bytes {
  return [
    ...fixed64(1, record.time ?? 0n),
    ...whole(2, record.severity ?? 0),
    ...sized(3, record.severityText ?? ''),
    ...(record.body === undefined ? [] : sized(5, protobufValue(record.body))),
    ...protobufAttributes(6, record.attributes ?? {}),
    ...whole(7, 0),
    0x45,
    1,
    0,
    0,
    0,
    ...sized(9, [...Buffer.from(record.traceId ?? '', 'hex')]),
    ...sized(10, [...Buffer.from(record.spanId ?? '', 'hex')]),
    ...fixed64(11, record.observed ?? 0n),
  ];
}

function protobufAttributes(field: number, attributes: Record<string, Value>): Bytes {
  return Object.entries(attributes).flatMap(([key, value]) =>
    sized(field, [...sized(1, key), ...sized(2, protobufValue(value))]),
  );
}

export function protobufValue(value: Value): Bytes {
  if (typeof value === 'string') return sized(1, value);
  if (typeof value === 'boolean') return whole(2, value ? 1 : 0);
  if (typeof value === 'bigint') return whole(3, value);
  if (typeof value === 'number') return Number.isInteger(value) ? whole(3, value) : double(4, value);
  if (value instanceof Uint8Array) return sized(7, [...value]);
  if (Array.isArray(value))
    return sized(
      5,
      value.flatMap((each) => sized(1, protobufValue(each))),
    );
  return sized(6, protobufAttributes(1, value));
}
