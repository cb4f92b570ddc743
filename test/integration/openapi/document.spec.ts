import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import type { OpenAPIObject } from '@nestjs/swagger';
import { ERROR_CODES } from '../../../src/common/coded-exception.js';
import { operationsOf } from '../../../src/common/openapi/document.js';
import { SESSION_COOKIE } from '../../../src/modules/auth/credentials.js';
import { MAIN_ROUTES } from '../../../src/modules/health/health-document.reader.js';

type Node = Record<string, unknown>;

/** The committed document: what it says of the code is held true by the first test. */
describe('openapi/openapi.json', () => {
  let document: OpenAPIObject;
  beforeAll(async () => {
    document = JSON.parse(await readFile('openapi/openapi.json', 'utf8')) as OpenAPIObject;
  });

  const operations = () =>
    operationsOf(document).map(({ operation, path, method }) => ({ ...operation, at: `${method} ${path}` }));

  it('is what the built code says', async () => {
    const { stdout } = await promisify(execFile)(process.execPath, ['dist/cli.js', 'openapi', '--check']);
    expect(stdout).toContain('up to date');
  });

  it('describes every property of every schema', () => {
    expect(undescribedProperties(document as unknown as Node)).toEqual([]);
  });

  it('finds a property without a description', () => {
    const schema = { type: 'object', properties: { a: { type: 'array', items: { properties: { b: {} } } } } };
    expect(undescribedProperties({ schemas: { schema } })).toEqual([
      'schemas.schema.a',
      'schemas.schema.a.items.b',
    ]);
  });

  it('describes every parameter', () => {
    const silent = operations().flatMap(({ at, parameters = [] }) =>
      parameters.flatMap((parameter) =>
        'name' in parameter && !parameter.description ? [`${at}: ${parameter.name}`] : [],
      ),
    );
    expect(silent).toEqual([]);
  });

  it('gives every operation one line of summary, a tag that is explained, and an id of its own', () => {
    const tags = (document.tags ?? []).map(({ name }) => name);
    for (const { at, summary, tags: own = [] } of operations()) {
      expect([at, summary]).toEqual([at, expect.stringMatching(/^.+$/)]);
      expect([at, own.length, own.every((tag) => tags.includes(tag))]).toEqual([at, 1, true]);
    }
    const ids = operations().map(({ operationId }) => operationId);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('explains no tag that nothing bears', () => {
    const used = new Set(operations().flatMap(({ tags = [] }) => tags));
    expect((document.tags ?? []).map(({ name }) => name).filter((name) => !used.has(name))).toEqual([]);
  });

  it('lists every error code', () => {
    const envelope = document.components?.schemas?.['ErrorEnvelope'] as {
      properties: { code: { enum: string[] } };
    };
    expect(envelope.properties.code.enum).toEqual(Object.keys(ERROR_CODES));
    const responses = JSON.stringify(document.components?.responses);
    for (const code of Object.keys(ERROR_CODES).filter((each) => each !== 'WEBHOOK_FAILED')) {
      expect(responses).toContain(`\`${code}\``);
    }
  });

  it('lets every operation fail, as it may', () => {
    for (const { at, security, responses } of operations()) {
      expect([at, Object.keys(responses)]).toEqual([at, expect.arrayContaining(['500'])]);
      if (security)
        expect([at, Object.keys(responses)]).toEqual([at, expect.arrayContaining(['401', '403', '503'])]);
      if (at.includes('{'))
        expect([at, Object.keys(responses)]).toEqual([at, expect.arrayContaining(['400', '404'])]);
    }
  });

  it('names the session cookie as the server sets it', () => {
    expect(document.components?.securitySchemes?.['session']).toMatchObject({
      in: 'cookie',
      name: SESSION_COOKIE,
    });
  });

  it('knows the routes that /api/health points to', () => {
    const besides = ['/api/docs', '/socket.io', '/ws'];
    const known = [...Object.keys(document.paths), ...besides];
    expect(Object.values(MAIN_ROUTES).filter((path) => !known.includes(path))).toEqual([]);
  });
});

/** Paths of the properties without a description, in any schema anywhere below. */
function undescribedProperties(node: Node, at = ''): string[] {
  const properties = isNode(node['properties']) ? Object.entries(node['properties']) : [];
  const own = properties.flatMap(([name, property]) => {
    if (!isNode(property)) return [];
    const path = `${at}.${name}`;
    return [...(property['description'] ? [] : [path]), ...undescribedProperties(property, path)];
  });
  const below = Object.entries(node).flatMap(([key, value]) =>
    key === 'properties' || !isNode(value)
      ? []
      : undescribedProperties(value, at === '' ? key : `${at}.${key}`),
  );
  return [...own, ...below];
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null;
}
