import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException, Logger } from '@nestjs/common';
import type { Request, Response } from 'express';
import { CodedException, ERROR_CODES, type ErrorCode } from '../coded-exception.js';
import { databaseFailure } from '../database-failure.js';
import { loggablePath } from './loggable-path.js';

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

/** Turns every failure into the error envelope. The only place that knows both our codes and HTTP. */
@Catch()
export class ExceptionToEnvelopeFilter implements ExceptionFilter {
  private readonly logger = new Logger('Http');

  catch(thrown: unknown, host: ArgumentsHost): void {
    const request = host.switchToHttp().getRequest<Request>();
    const response = host.switchToHttp().getResponse<Response>();
    const failure = toCoded(originalOf(thrown));
    const status = ERROR_CODES[failure.code];
    if (failure.code === 'INTERNAL_ERROR' || failure.code === 'DATABASE_ERROR') {
      this.logger.error({
        id: response.locals['requestId'],
        method: request.method,
        path: loggablePath(request.path),
        err: thrown,
      });
    } else if (failure.code === 'DATABASE_UNAVAILABLE') {
      this.logger.warn({
        id: response.locals['requestId'],
        path: loggablePath(request.path),
        message: (thrown as Error).message,
      });
    }
    if (response.headersSent) {
      response.destroy();
      return;
    }
    if (failure.retryAfter !== undefined) response.setHeader('Retry-After', String(failure.retryAfter));
    response.status(status).json({
      status: 'error',
      error: failure.message,
      code: failure.code,
      timestamp: new Date().toISOString(),
      request_id: response.locals['requestId'] as string,
      ...(failure.details && { details: failure.details }),
    });
  }
}

/** Nest wraps what the body parser and other middleware hand on. */
function originalOf(thrown: unknown): unknown {
  const cause = thrown instanceof HttpException ? thrown.cause : undefined;
  return cause instanceof Error && 'status' in cause ? cause : thrown;
}

function toCoded(thrown: unknown): CodedException {
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
