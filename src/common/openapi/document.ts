import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import type { RequestHandler } from 'express';
import { contentSecurityPolicy } from 'helmet';
import { VERSION } from '../version.js';
import { addFailures, failureComponents } from './failure-responses.js';
import { INTRODUCTION, TAGS } from './introduction.js';

type Operation = NonNullable<OpenAPIObject['paths'][string]['get']>;
type Parameters = NonNullable<Operation['parameters']>;
type Parameter = Extract<Parameters[number], { name: string }>;

/** Where Swagger UI is. */
export const DOCS_PATH = '/api/docs';

const METHODS = ['get', 'post', 'put', 'patch', 'delete'] as const;
const SECURED: Record<string, string[]>[] = [{ api_key: [] }, { bearer: [] }, { session: [] }];

const ID_PARAMETER = { description: 'Its id.', schema: { type: 'string', format: 'uuid' } };

/** The API document. Depends on the code only: the application need not be initialised. */
export function buildOpenApiDocument(app: INestApplication): OpenAPIObject {
  const document = SwaggerModule.createDocument(app, base(), { operationIdFactory: operationId });
  for (const { operation, path, method } of operationsOf(document)) {
    if (operation.security) operation.security = SECURED;
    splitSummary(operation);
    describeParameters(operation);
    addFailures(operation, path, method);
  }
  return stable(withFailureComponents(document));
}

/** Serves the document: Swagger UI for people, JSON and YAML for programs. */
export function setupSwaggerUi(app: INestApplication, document: OpenAPIObject): void {
  app.use(DOCS_PATH, swaggerContentSecurityPolicy);
  SwaggerModule.setup(DOCS_PATH, app, document, {
    customSiteTitle: 'Watchkeep API',
    jsonDocumentUrl: `${DOCS_PATH}/openapi.json`,
    yamlDocumentUrl: `${DOCS_PATH}/openapi.yaml`,
    swaggerOptions: {
      persistAuthorization: true,
      tryItOutEnabled: true,
      displayRequestDuration: true,
      filter: true,
      // Documents stay here: the badge of swagger.io would send them there.
      validatorUrl: null,
    },
  });
}

/**
 * Swagger UI needs less than helmet’s defaults allow, but must not have its requests turned to HTTPS:
 * it is the first thing seen of an installation that has no certificate yet.
 */
export const swaggerContentSecurityPolicy: RequestHandler = contentSecurityPolicy({
  directives: { upgradeInsecureRequests: null },
});

/** Every operation of a document with where it is. */
export function operationsOf(
  document: OpenAPIObject,
): { operation: Operation; path: string; method: string }[] {
  return Object.entries(document.paths).flatMap(([path, item]) =>
    METHODS.flatMap((method) => {
      const operation = item[method];
      return operation ? [{ operation, path, method }] : [];
    }),
  );
}

function base(): Omit<OpenAPIObject, 'paths'> {
  const builder = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle('Watchkeep')
    .setVersion(VERSION)
    .setDescription(INTRODUCTION)
    .setLicense('MIT', 'https://opensource.org/license/mit')
    .addApiKey({ type: 'apiKey', in: 'header', name: 'X-API-Key', description: 'An API key.' }, 'api_key')
    .addBearerAuth({ type: 'http', scheme: 'bearer', description: 'An API key as a bearer token.' }, 'bearer')
    .addCookieAuth(
      'watchkeep_session',
      { type: 'apiKey', description: 'Set when somebody signs in.' },
      'session',
    );
  for (const [name, description] of TAGS) builder.addTag(name, description);
  return builder.build();
}

/** `ErrorsController.list` → `errorsList`. */
function operationId(controller: string, method: string): string {
  const name = controller.replace(/Controller$/, '');
  return `${name[0]!.toLowerCase()}${name.slice(1)}${method[0]!.toUpperCase()}${method.slice(1)}`;
}

/** The comment of a route: its first paragraph is the summary, the rest the description. */
function splitSummary(operation: Operation): void {
  const [summary = '', ...rest] = (operation.summary ?? '').split(/\n\s*\n/);
  operation.summary = unwrapped(summary).replace(/\.$/, '');
  if (rest.length > 0) operation.description = rest.map(unwrapped).join('\n\n');
}

function unwrapped(paragraph: string): string {
  return paragraph.replaceAll(/\s*\n\s*/g, ' ').trim();
}

function describeParameters(operation: Operation): void {
  const parameters: Parameters = (operation.parameters ?? []).flatMap<Parameters[number]>((parameter) =>
    'name' in parameter ? describeParameter(parameter) : [parameter],
  );
  if (parameters.length > 0) operation.parameters = parameters;
  else delete operation.parameters;
}

/**
 * Ids have no comment to take a description from. A header that no `@ApiHeader` describes is of no interest to callers.
 * What has a default may be left out.
 */
function describeParameter(parameter: Parameter): Parameter[] {
  if (parameter.name === 'id') return [{ ...parameter, ...ID_PARAMETER }];
  if (parameter.in === 'header' && !parameter.description) return [];
  if (parameter.schema && 'default' in parameter.schema) return [{ ...parameter, required: false }];
  return [parameter];
}

function withFailureComponents(document: OpenAPIObject): OpenAPIObject {
  const { schemas, responses, headers } = failureComponents();
  const components = document.components ?? {};
  return {
    ...document,
    components: { ...components, schemas: { ...components.schemas, ...schemas }, responses, headers },
  };
}

/** The same document whatever the order in which modules are loaded. */
function stable(document: OpenAPIObject): OpenAPIObject {
  return {
    openapi: document.openapi,
    info: document.info,
    tags: document.tags,
    paths: sorted(document.paths),
    components: { ...document.components, schemas: sorted(document.components?.schemas ?? {}) },
  };
}

function sorted<Value>(entries: Record<string, Value>): Record<string, Value> {
  return Object.fromEntries(Object.entries(entries).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
