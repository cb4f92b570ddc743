import { randomUUID } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import { Logger } from '@nestjs/common';
import type { NextFunction, Request, RequestHandler, Response } from 'express';
import { CodedException } from '../coded-exception.js';
import { loggablePath } from './loggable-path.js';
import type { RequestStatistics } from './request-statistics.js';

const REQUEST_ID = /^[\w.-]{1,128}$/;

/** First in line for every request: gives it an id, times it, counts it, and writes it to the log at level debug. */
export function requestEdge(statistics: RequestStatistics, isLogged: boolean): RequestHandler {
  const logger = new Logger('Http');
  return (request: Request, response: Response, next: NextFunction) => {
    const started = performance.now();
    const given = request.headers['x-request-id'];
    const id = typeof given === 'string' && REQUEST_ID.test(given) ? given : randomUUID();
    response.locals['requestId'] = id;
    response.setHeader('X-Request-Id', id);

    // oxlint-disable-next-line typescript/unbound-method -- called with the response as `this` below
    const writeHead = response.writeHead;
    response.writeHead = function timed(this: Response, ...parts: unknown[]) {
      response.setHeader('X-Response-Time', `${(performance.now() - started).toFixed(2)}ms`);
      return Reflect.apply(writeHead, this, parts) as Response;
    } as typeof response.writeHead;

    response.on('finish', () => {
      const milliseconds = performance.now() - started;
      statistics.record(request.method, routeOf(request), response.statusCode, milliseconds / 1000);
      if (!isLogged) return;
      logger.debug({
        id,
        method: request.method,
        path: loggablePath(request.path),
        status: response.statusCode,
        ms: Math.round(milliseconds),
      });
    });
    if (request.url.includes('%00'))
      next(new CodedException('VALIDATION_FAILED', 'The address must not contain NUL characters.'));
    else next();
  };
}

/** The pattern (`/api/errors/:id`), never the path: labels must stay few. */
function routeOf(request: Request): string {
  const route = request.route as { path?: string } | undefined;
  return route?.path ?? 'other';
}
