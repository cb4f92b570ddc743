import { createServer } from 'node:http';
import { httpChecker } from '../../../src/modules/monitoring/checkers/http.checker.js';
import { type Asked, check } from './checking.js';
import { listen, type Listening } from './listening.js';

type Assertion = NonNullable<Asked['assertions']>[number];
const body = (operator: 'contains' | 'not_contains' | 'matches', value: string, soft = false): Assertion => ({
  type: 'body',
  operator,
  value,
  soft,
});
const json = (path: string, operator: 'equals' | 'greater_than', value: string | number): Assertion => ({
  type: 'json',
  path,
  operator,
  value,
  soft: false,
});
const header = (name: string, value: string): Assertion => ({
  type: 'header',
  name,
  operator: 'equals',
  value,
  soft: false,
});

const LONG = `${'x'.repeat(5_000)}needle`;

describe('conditions on answers over HTTP', () => {
  let server: Listening;

  const ask = (path: string, assertions: Assertion[], asked: Asked = {}) =>
    check(httpChecker, `http://app.test:${server.port}${path}`, { assertions, ...asked });

  beforeAll(async () => {
    server = await listen(
      createServer((request, response) => {
        response.setHeader('X-Served-By', 'one');
        if (request.url === '/json') return response.end('{"status":"ok","queue":{"length":12}}');
        if (request.url === '/long') return response.end(LONG);
        if (request.url === '/gone') return response.writeHead(404).end('no such page');
        if (request.url === '/to-json') return response.writeHead(302, { Location: '/json' }).end('not this');
        if (request.url === '/split') {
          const bytes = Buffer.from('Grüße');
          return response.write(bytes.subarray(0, 3), () => response.end(bytes.subarray(3)));
        }
        return response.end(`${'a'.repeat(60)}!`);
      }),
    );
  });
  afterEach(() => server.untilLeft());
  afterAll(() => server.close());

  it.each<[string, Assertion[], string | null]>([
    ['/json', [body('contains', '"ok"')], null],
    ['/json', [body('not_contains', 'error')], null],
    ['/json', [body('contains', 'error')], 'The answer does not contain "error"'],
    ['/json', [json('$.status', 'equals', 'ok'), json('$.queue.length', 'greater_than', 10)], null],
    ['/json', [json('$.queue.length', 'greater_than', 12)], '$.queue.length is not greater than 12, but 12'],
    ['/json', [json('$.none', 'equals', 1)], '$.none is missing'],
    ['/long', [json('$.status', 'equals', 'ok')], 'The answer is not JSON'],
    ['/json', [header('x-served-by', 'one')], null],
    ['/json', [header('X-Served-By', 'two')], 'Header X-Served-By is not "two", but "one"'],
    ['/to-json', [json('$.status', 'equals', 'ok'), body('not_contains', 'not this')], null],
    ['/split', [body('contains', 'Grüße')], null],
  ])('%s %j: %j', async (path, assertions, error) => {
    const result = await ask(path, assertions);
    expect(result).toMatchObject({ ok: error === null, status_code: 200, degraded: false });
    if (error === null) expect(result.error).toBeNull();
    else expect(result.error).toContain(error);
    expect(result.response_time_ms).toEqual(expect.any(Number));
  });

  it('soft ones make it degraded, hard ones come first, the code before all', async () => {
    const soft = body('contains', 'missing', true);
    expect(await ask('/json', [soft])).toMatchObject({
      ok: true,
      degraded: true,
      error: expect.stringContaining('does not contain "missing"'),
    });
    const both = await ask('/json', [soft, header('X-None', 'a')]);
    expect(both).toMatchObject({ ok: false, degraded: false, error: 'Header X-None is missing' });
    const gone = await ask('/gone', [soft, header('X-None', 'a')]);
    expect(gone).toMatchObject({ ok: false, status_code: 404, error: 'Expected 200-299, got 404' });
  });

  it('see no more of an answer than is read', async () => {
    const needle = [body('contains', 'needle')];
    expect(await ask('/long', needle, { options: { max_body_kb: 5 } })).toMatchObject({ ok: true });
    expect(await ask('/long', needle, { options: { max_body_kb: 4 } })).toMatchObject({
      ok: false,
      status_code: 200,
    });
  });

  it('that run away say nothing about the endpoint', async () => {
    const result = await ask('/other', [body('matches', '^(a+)+$')]);
    expect(result).toMatchObject({ ok: null, error: 'The pattern ^(a+)+$ takes too long' });
  });
});
