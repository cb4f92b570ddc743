import { randomUUID } from 'node:crypto';
import type {
  IncomingMessage,
  OutgoingHttpHeader,
  OutgoingHttpHeaders,
  RequestListener,
  ServerResponse,
} from 'node:http';
import { performance } from 'node:perf_hooks';
import type { TLSSocket } from 'node:tls';
import { Logger } from '@nestjs/common';
import proxyAddress from 'proxy-addr';
import { CodedException, ERROR_CODES } from '../../coded-exception.js';
import { RateLimitExceeded, rateLimitHeaders } from '../../rate-limit.js';
import { codedFailure, failureEnvelope, isOurFault } from '../failure.js';
import { loggablePath } from '../loggable-path.js';
import type { RequestStatistics } from '../request-statistics.js';
import type { DirectAnswer, DirectHead, DirectRoute } from './direct-route.js';
import type { DirectRoutes } from './direct-routes.js';
import { crossOriginHeaders, type OriginPolicy } from './origin-headers.js';
import { readBody } from './read-body.js';

export interface DirectListenerOptions {
  routes: DirectRoutes;
  statistics: RequestStatistics;
  /** What every answer carries. */
  securityHeaders: Readonly<OutgoingHttpHeaders>;
  origins: OriginPolicy;
  trustedProxies: readonly string[];
  requireHttps: boolean;
  maxBytes: number;
  isLogged: boolean;
}

const REQUEST_ID = /^[\w.-]{1,128}$/;
const JSON_TYPE = 'application/json; charset=utf-8';

/** Answers requests to direct routes, and hands all others on. See docs/adr/0005-direct-routes.md. */
export class DirectListener {
  private readonly logger = new Logger('Http');
  private readonly trusts: (address: string, hop: number) => boolean;
  /** Names and values in turn: Node writes such a list as it is, while an object is copied first. */
  private readonly securityLines: OutgoingHttpHeader[] = [];

  constructor(private readonly options: DirectListenerOptions) {
    this.trusts = proxyAddress.compile([...options.trustedProxies]);
    add(this.securityLines, options.securityHeaders);
  }

  before(next: RequestListener): RequestListener {
    return (request, response) => {
      const route = this.routeOf(request);
      if (!route) return next(request, response);
      this.serve(route, request, response).catch((error: unknown) => {
        this.logger.error({ message: 'An answer could not be sent', err: error });
        response.destroy();
      });
    };
  }

  private routeOf({ method, url = '' }: IncomingMessage): DirectRoute | undefined {
    if (method !== 'POST' && method !== 'OPTIONS') return undefined;
    return this.options.routes.find(pathOf(url));
  }

  private async serve(route: DirectRoute, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const started = performance.now();
    const given = request.headers['x-request-id'];
    const id = typeof given === 'string' && REQUEST_ID.test(given) ? given : randomUUID();
    let answer: DirectAnswer;
    try {
      answer = await this.answer(route, request);
    } catch (thrown) {
      // What still comes is thrown away, so that the answer can be read: whoever sends first reads it afterwards.
      request.resume();
      answer = this.failure(route, request, thrown, id);
    }
    const milliseconds = performance.now() - started;
    this.send(route, request, response, answer, { id, milliseconds });
    this.options.statistics.record(request.method!, route.pattern, answer.status, milliseconds / 1000);
    if (!this.options.isLogged) return;
    this.logger.debug({
      id,
      method: request.method,
      path: loggablePath(pathOf(request.url!)),
      status: answer.status,
      ms: Math.round(milliseconds),
    });
  }

  private async answer(route: DirectRoute, request: IncomingMessage): Promise<DirectAnswer> {
    if (request.method === 'OPTIONS') {
      request.resume();
      return { status: 204, body: '' };
    }
    if (this.options.requireHttps && !this.isSecure(request))
      throw new CodedException('HTTPS_REQUIRED', 'Use HTTPS.');
    const url = request.url!;
    const head: DirectHead = {
      incoming: request,
      path: pathOf(url),
      query: url.slice(url.indexOf('?') >= 0 ? url.indexOf('?') : url.length),
      headers: request.headers,
      ipAddress: this.addressOf(request),
    };
    const sender = await route.admit?.(head);
    const isUnknown = route.admit !== undefined && sender === undefined;
    const { maxBytes } = this.options;
    const body = await readBody(request, isUnknown ? maxBytes : (route.maxBytes ?? maxBytes));
    return route.answer({ ...head, body }, sender);
  }

  private failure(route: DirectRoute, request: IncomingMessage, thrown: unknown, id: string): DirectAnswer {
    const failure = codedFailure(thrown);
    const seen = { id, method: request.method, path: loggablePath(pathOf(request.url!)) };
    if (isOurFault(failure)) this.logger.error({ ...seen, err: thrown });
    else if (failure.code === 'DATABASE_UNAVAILABLE') {
      this.logger.warn({ ...seen, message: (thrown as Error).message });
    }
    const answer = route.failed?.(failure, request) ?? {
      status: ERROR_CODES[failure.code],
      body: JSON.stringify(failureEnvelope(failure, id)),
    };
    if (failure.retryAfter === undefined) return answer;
    const standing = failure instanceof RateLimitExceeded ? failure.standing : undefined;
    const headers = {
      'Retry-After': String(failure.retryAfter),
      ...(standing && rateLimitHeaders(standing)),
    };
    return { ...answer, headers: { ...headers, ...answer.headers } };
  }

  private send(
    route: DirectRoute,
    request: IncomingMessage,
    response: ServerResponse,
    { status, body, contentType = JSON_TYPE, headers }: DirectAnswer,
    { id, milliseconds }: { id: string; milliseconds: number },
  ): void {
    const lines: OutgoingHttpHeader[] = ['X-Request-Id', id];
    const { securityHeaders, origins } = this.options;
    if (request.headers.origin === undefined) lines.push(...this.securityLines);
    else add(lines, { ...securityHeaders, ...crossOriginHeaders(route, request, origins) });
    if (headers) add(lines, headers);
    if (status !== 204) {
      const length = typeof body === 'string' ? Buffer.byteLength(body) : body.length;
      lines.push('Content-Type', contentType, 'Content-Length', length);
    }
    lines.push('X-Response-Time', `${milliseconds.toFixed(2)}ms`);
    response.writeHead(status, lines);
    response.end(body);
  }

  private isSecure(request: IncomingMessage): boolean {
    if ((request.socket as Partial<TLSSocket>).encrypted) return true;
    if (!this.trusts(request.socket.remoteAddress ?? '', 0)) return false;
    const [protocol] = String(request.headers['x-forwarded-proto'] ?? '').split(',');
    return protocol!.trim() === 'https';
  }

  private addressOf(request: IncomingMessage): string | undefined {
    if (this.options.trustedProxies.length === 0) return request.socket.remoteAddress;
    return proxyAddress(request, this.trusts);
  }
}

function pathOf(url: string): string {
  const query = url.indexOf('?');
  const end = query < 0 ? url.length : query;
  return url.slice(0, end > 1 && url[end - 1] === '/' ? end - 1 : end);
}

function add(lines: OutgoingHttpHeader[], headers: Readonly<OutgoingHttpHeaders>): void {
  for (const name in headers) {
    const value = headers[name];
    if (value !== undefined) lines.push(name, value);
  }
}
