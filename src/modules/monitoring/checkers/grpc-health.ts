/**
 * The messages of grpc.health.v1 (github.com/grpc/grpc/blob/master/doc/health-checking.md): one field each, so that no
 * protobuf library is needed.
 */

/** `HealthCheckResponse.ServingStatus`. */
const SERVING_STATUSES = ['UNKNOWN', 'SERVING', 'NOT_SERVING', 'SERVICE_UNKNOWN'] as const;

/** Names of gRPC status codes, by number (grpc.github.io/grpc/core/md_doc_statuscodes.html). */
const STATUS_NAMES = [
  'OK',
  'CANCELLED',
  'UNKNOWN',
  'INVALID_ARGUMENT',
  'DEADLINE_EXCEEDED',
  'NOT_FOUND',
  'ALREADY_EXISTS',
  'PERMISSION_DENIED',
  'RESOURCE_EXHAUSTED',
  'FAILED_PRECONDITION',
  'ABORTED',
  'OUT_OF_RANGE',
  'UNIMPLEMENTED',
  'INTERNAL',
  'UNAVAILABLE',
  'DATA_LOSS',
  'UNAUTHENTICATED',
];

const PREFIX_BYTES = 5;
const VARINT = 0;
const LENGTH_DELIMITED = 2;

/** `HealthCheckRequest {string service = 1}` with the prefix that gRPC gives each message: not compressed, length. */
export function encodeHealthRequest(service: string): Buffer {
  const name = Buffer.from(service);
  const message = name.length === 0 ? name : Buffer.concat([Buffer.of(0x0a), varint(name.length), name]);
  const prefix = Buffer.alloc(PREFIX_BYTES);
  prefix.writeUInt32BE(message.length, 1);
  return Buffer.concat([prefix, message]);
}

/** The status in a `HealthCheckResponse {ServingStatus status = 1}`; undefined when it is no such message. */
export function decodeHealthResponse(body: Buffer): string | undefined {
  if (body.length < PREFIX_BYTES || body[0] !== 0) return undefined;
  const length = body.readUInt32BE(1);
  if (body.length < PREFIX_BYTES + length) return undefined;
  const status = firstField(body.subarray(PREFIX_BYTES, PREFIX_BYTES + length));
  return status === undefined ? undefined : (SERVING_STATUSES[status] ?? String(status));
}

export function statusName(code: number): string {
  return STATUS_NAMES[code] ?? String(code);
}

/** Field 1, a varint; 0, the default, when it is not there. Other fields, of later versions, are passed over. */
function firstField(message: Buffer): number | undefined {
  let value = 0;
  for (let at = 0; at < message.length;) {
    const key = readVarint(message, at);
    const next = key && readVarint(message, key.next);
    if (!next) return undefined;
    const type = key.value & 7;
    if (type !== VARINT && type !== LENGTH_DELIMITED) return undefined;
    if (key.value === ((1 << 3) | VARINT)) value = next.value;
    at = next.next + (type === LENGTH_DELIMITED ? next.value : 0);
  }
  return value;
}

function readVarint(message: Buffer, from: number): { value: number; next: number } | undefined {
  let value = 0;
  for (let at = from, weight = 1; at < message.length && at < from + 5; at++, weight *= 128) {
    value += (message[at]! & 0x7f) * weight;
    if (message[at]! < 0x80) return { value, next: at + 1 };
  }
  return undefined;
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 0x7f; rest >>>= 7) bytes.push((rest & 0x7f) | 0x80);
  return Buffer.from([...bytes, rest]);
}
