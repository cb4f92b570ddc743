import { type ArgumentsHost, Catch, type ExceptionFilter, Logger } from '@nestjs/common';
import type { Request, Response } from 'express';
import { ERROR_CODES } from '../coded-exception.js';
import { codedFailure, failureEnvelope, isOurFault } from './failure.js';
import { loggablePath } from './loggable-path.js';

/** Turns every failure into the error envelope. */
@Catch()
export class ExceptionToEnvelopeFilter implements ExceptionFilter {
  private readonly logger = new Logger('Http');

  catch(thrown: unknown, host: ArgumentsHost): void {
    const request = host.switchToHttp().getRequest<Request>();
    const response = host.switchToHttp().getResponse<Response>();
    const failure = codedFailure(thrown);
    const status = ERROR_CODES[failure.code];
    if (isOurFault(failure)) {
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
    response.status(status).json(failureEnvelope(failure, response.locals['requestId'] as string));
  }
}
