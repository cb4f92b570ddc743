import { NestFactory, Reflector } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { OutgoingHttpHeaders, RequestListener } from 'node:http';
import { json, type Request, type RequestHandler, type Response, urlencoded } from 'express';
import helmet from 'helmet';
import { AppModule } from './app.module.js';
import { AnswerCache } from './common/cache/answer-cache.js';
import { CacheInterceptor } from './common/cache/cached.js';
import { CodedException } from './common/coded-exception.js';
import { DirectListener } from './common/http/direct/direct-listener.js';
import { DirectRoutes } from './common/http/direct/direct-routes.js';
import { EnvelopeInterceptor } from './common/http/envelope.interceptor.js';
import { ExceptionToEnvelopeFilter } from './common/http/exception.filter.js';
import { guardJson } from './common/http/json-guard.js';
import { requestEdge } from './common/http/request-edge.js';
import { RequestStatistics } from './common/http/request-statistics.js';
import { requireHttps } from './common/http/require-https.js';
import { VALIDATION_PIPE } from './common/http/validation.js';
import { buildOpenApiDocument, setupSwaggerUi } from './common/openapi/document.js';
import type { Config } from './config/config.js';
import { pushBody } from './modules/monitoring/heartbeats/push-body.js';
import { SocketIoAdapter } from './realtime/socket-io.adapter.js';

const HEADERS_TIMEOUT_MS = 10_000;
const IMPORT_PATH = /^\/api\/import\/?$/i;
const REQUEST_TIMEOUT_MS = 60_000;

/** The API, ready to listen. */
export async function createApi(config: Config): Promise<NestExpressApplication> {
  const app = await NestFactory.create<NestExpressApplication>(AppModule.forApi(config), {
    bodyParser: false,
    bufferLogs: true,
    abortOnError: false,
  });
  const server = app.getHttpServer();
  server.headersTimeout = HEADERS_TIMEOUT_MS;
  server.requestTimeout = REQUEST_TIMEOUT_MS;
  configureHttp(app, config);
  answerDirectly(app, config);
  setupSwaggerUi(app, buildOpenApiDocument(app));
  return app;
}

function configureHttp(app: NestExpressApplication, config: Config): void {
  app.disable('x-powered-by');
  app.disable('etag');
  app.set('trust proxy', config.TRUST_PROXY);
  app.use(requestEdge(app.get(RequestStatistics), config.LOG_LEVEL === 'debug'));
  app.use(securityHeaders(config));
  if (config.REQUIRE_HTTPS) app.use(requireHttps());
  const origins = allowedOrigins(config);
  app.enableCors({ origin: origins, credentials: origins !== true, exposedHeaders: EXPOSED_HEADERS });
  for (const parser of bodyParsers(config)) app.use(parser);

  app.useGlobalPipes(VALIDATION_PIPE);
  const reflector = app.get(Reflector);
  app.useGlobalInterceptors(
    new EnvelopeInterceptor(reflector),
    new CacheInterceptor(reflector, app.get(AnswerCache)),
  );
  app.useGlobalFilters(new ExceptionToEnvelopeFilter());
  app.useWebSocketAdapter(new SocketIoAdapter(app, origins));
}

/** Routes that are too busy for the framework are answered before it. */
function answerDirectly(app: NestExpressApplication, config: Config): void {
  const server = app.getHttpServer();
  const listener = new DirectListener({
    routes: app.get(DirectRoutes),
    statistics: app.get(RequestStatistics),
    securityHeaders: collectHeaders(securityHeaders(config)),
    origins: allowedOrigins(config),
    trustedProxies: config.TRUST_PROXY,
    requireHttps: config.REQUIRE_HTTPS,
    maxBytes: config.BODY_LIMIT_KB * 1024,
    isLogged: config.LOG_LEVEL === 'debug',
  });
  const [framework] = server.listeners('request') as [RequestListener];
  server.removeListener('request', framework);
  server.on('request', listener.before(framework));
}

/** The headers that a middleware sets, whatever the request. */
function collectHeaders(middleware: RequestHandler): OutgoingHttpHeaders {
  const headers: OutgoingHttpHeaders = {};
  const response = {
    setHeader: (name: string, value: string) => (headers[name] = value),
    removeHeader: (name: string) => delete headers[name],
  };
  middleware({} as Request, response as unknown as Response, () => undefined);
  return headers;
}

/** Over plain HTTP a browser must not be told to fetch our own files over HTTPS. */
function securityHeaders({ REQUIRE_HTTPS }: Config): RequestHandler {
  return helmet({
    strictTransportSecurity: REQUIRE_HTTPS,
    contentSecurityPolicy: { directives: { upgradeInsecureRequests: REQUIRE_HTTPS ? [] : null } },
  });
}

const EXPOSED_HEADERS = ['X-Request-Id', 'X-Response-Time', 'RateLimit', 'RateLimit-Policy', 'Retry-After'];

function allowedOrigins({ CORS_ORIGINS }: Config): boolean | string[] {
  if (CORS_ORIGINS.includes('*')) return true;
  return CORS_ORIGINS.length > 0 ? CORS_ORIGINS : false;
}

/** JSON everywhere; forms only where a page of ours posts one; heartbeats bring whatever they have. */
function bodyParsers(config: Config): RequestHandler[] {
  const limit = config.BODY_LIMIT_KB * 1024;
  const parsers: RequestHandler[] = [
    pushBody,
    json({
      limit,
      type: ['application/json', 'application/*+json'],
      verify: (_request, _response, body, encoding) => guardJson(body, encoding),
    }),
    forms({ '/setup': 16 * 1024, '/settings/privacy/test': limit }),
    refuseOtherBodies,
  ];
  return parsers.map(exceptImports);
}

/** An import is read as it comes, whatever its size, once its sender is known to have the right. */
function exceptImports(parser: RequestHandler): RequestHandler {
  return (request, response, next) =>
    IMPORT_PATH.test(request.path) ? next() : parser(request, response, next);
}

/** Forms, at these paths only, of so many bytes at most. */
function forms(limits: Record<string, number>): RequestHandler {
  const parsers = new Map(
    Object.entries(limits).map(([path, limit]) => [path, urlencoded({ extended: false, limit })]),
  );
  return (request, response, next) => {
    const parse = parsers.get(request.path.replace(/\/$/, ''));
    return parse ? parse(request, response, next) : next();
  };
}

const refuseOtherBodies: RequestHandler = (request, _response, next) => {
  const hasBody =
    Number(request.headers['content-length'] ?? 0) > 0 || request.headers['transfer-encoding'] !== undefined;
  if (hasBody && request.body === undefined) {
    next(
      new CodedException(
        'UNSUPPORTED_MEDIA_TYPE',
        'Send JSON, with the header Content-Type: application/json.',
      ),
    );
  } else next();
};
