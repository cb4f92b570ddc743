import { HttpException } from '@nestjs/common';
import { CodedException, type ErrorCode } from '../coded-exception.js';
import { databaseFailure } from '../database-failure.js';

const RETRY_AFTER_S = 5;

/** Codes for the statuses that the framework itself answers with. */
const CODE_OF_STATUS: Record<number, ErrorCode> = {
  401: 'UNAUTHORIZED',
  403: 'FORBIDDEN',
  404: 'NOT_FOUND',
  409: 'CONFLICT',
  413: 'PAYLOAD_TOO_LARGE',
  415: 'UNSUPPORTED_MEDIA_TYPE',
  429: 'RATE_LIMIT_EXCEEDED',
};

/** Nest wraps what the body parser and other middleware hand on. */
function originalOf(thrown: unknown): unknown {
  const cause = thrown instanceof HttpException ? thrown.cause : undefined;
  return cause instanceof Error && 'status' in cause ? cause : thrown;
}

/** Whatever was thrown, as a failure that a caller can act on. */
export function codedFailure(wrapped: unknown): CodedException {
  const thrown = originalOf(wrapped);
  if (thrown instanceof CodedException) return thrown;
  switch (databaseFailure(thrown)) {
    case 'unavailable':
      return new CodedException(
        'DATABASE_UNAVAILABLE',
        'The database cannot be reached. Try again shortly.',
        undefined,
        RETRY_AFTER_S,
      );
    case 'bad_text':
      return new CodedException('VALIDATION_FAILED', 'The request contains text that cannot be stored.');
    case 'other':
      return new CodedException('DATABASE_ERROR', 'The database could not carry out the request.');
    case undefined:
      return fromHttp(thrown);
  }
}

/** Nest’s own exceptions, and those of the body parser, which carry `status` and `type`. */
function fromHttp(thrown: unknown): CodedException {
  const status =
    thrown instanceof HttpException
      ? thrown.getStatus()
      : (thrown as { status?: unknown } | undefined)?.status;
  if (typeof status !== 'number' || status < 400 || status >= 500) {
    return new CodedException('INTERNAL_ERROR', 'Something went wrong here. It has been logged.');
  }
  return new CodedException(
    CODE_OF_STATUS[status] ?? 'VALIDATION_FAILED',
    messageOf(thrown as Error & { type?: string }),
  );
}

function messageOf(thrown: Error & { type?: string }): string {
  switch (thrown.type) {
    case 'entity.parse.failed':
      return 'The body is not valid JSON.';
    case 'entity.too.large':
      return 'The body is too large.';
    default:
      return thrown.message;
  }
}

/** The error envelope. */
export function failureEnvelope({ code, message, details }: CodedException, requestId: string): object {
  return {
    status: 'error',
    error: message,
    code,
    timestamp: new Date().toISOString(),
    request_id: requestId,
    ...(details && { details }),
  };
}

/** Whether somebody has to look at it. */
export function isOurFault({ code }: CodedException): boolean {
  return code === 'INTERNAL_ERROR' || code === 'DATABASE_ERROR';
}
