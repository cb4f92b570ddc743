import protobuf from 'protobufjs/minimal.js';
import { type CodedException, ERROR_CODES } from '../../../common/coded-exception.js';
import type { DirectAnswer } from '../../../common/http/direct/direct-route.js';

export type Encoding = 'json' | 'protobuf';

export const CONTENT_TYPES: Record<Encoding, string> = {
  json: 'application/json',
  protobuf: 'application/x-protobuf',
};

/** Codes of gRPC for statuses of HTTP (google/rpc/code.proto). */
const RPC_CODES: Readonly<Record<number, number>> = {
  400: 3,
  401: 16,
  403: 7,
  404: 5,
  409: 6,
  413: 8,
  415: 3,
  429: 8,
  503: 14,
};
const RPC_INTERNAL = 13;

/** Which encoding a content type stands for; undefined when it is neither. */
export function encodingOf(contentType: string | undefined): Encoding | undefined {
  const type = contentType?.split(';', 1)[0]!.trim().toLowerCase();
  if (type === CONTENT_TYPES.json) return 'json';
  return type === CONTENT_TYPES.protobuf || type === 'application/protobuf' ? 'protobuf' : undefined;
}

/** `ExportLogsServiceResponse`: what was refused for good, if anything. */
export function success(encoding: Encoding, rejected: number, message: string): DirectAnswer {
  if (encoding === 'json') {
    const partialSuccess = { rejectedLogRecords: String(rejected), errorMessage: message };
    return answer(encoding, 200, JSON.stringify(rejected > 0 ? { partialSuccess } : {}));
  }
  if (rejected === 0) return answer(encoding, 200, new Uint8Array());
  const writer = protobuf.Writer.create();
  writer.uint32(0x0a).fork().uint32(0x08).int64(rejected).uint32(0x12).string(message).ldelim();
  return answer(encoding, 200, writer.finish());
}

/** `google.rpc.Status`. */
export function failure(encoding: Encoding, { code, message }: CodedException): DirectAnswer {
  const status = ERROR_CODES[code];
  const rpcCode = RPC_CODES[status] ?? RPC_INTERNAL;
  if (encoding === 'json') return answer(encoding, status, JSON.stringify({ code: rpcCode, message }));
  const bytes = protobuf.Writer.create().uint32(0x08).int32(rpcCode).uint32(0x12).string(message).finish();
  return answer(encoding, status, bytes);
}

function answer(encoding: Encoding, status: number, body: string | Uint8Array): DirectAnswer {
  return { status, body, contentType: CONTENT_TYPES[encoding] };
}
