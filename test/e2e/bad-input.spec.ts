import { connect } from 'node:net';
import { RunningProduct } from '../support/running-product.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';

describe('bad input', () => {
  let database: TestDatabase;
  let product: RunningProduct;

  beforeAll(async () => {
    database = await createTestDatabase();
    product = await RunningProduct.start({ databaseUrl: database.url });
  }, 60_000);
  afterAll(async () => {
    await product.stop();
    await database.drop();
  });

  const deep = `{"message":"deep","context":${'{"a":'.repeat(5000)}1${'}'.repeat(5000)}}`;
  const cases: [
    what: string,
    method: string,
    path: string,
    body: string | undefined,
    status: number,
    code: string,
  ][] = [
    ['malformed JSON', 'POST', '/api/errors', '{"message": ', 400, 'VALIDATION_FAILED'],
    ['no JSON at all', 'POST', '/api/errors', 'hello', 400, 'VALIDATION_FAILED'],
    ['an empty body', 'POST', '/api/errors', undefined, 400, 'VALIDATION_FAILED'],
    ['a list for an object', 'POST', '/api/errors', '[]', 400, 'VALIDATION_FAILED'],
    ['a number for a message', 'POST', '/api/errors', '{"message":5}', 400, 'VALIDATION_FAILED'],
    ['an unknown level', 'POST', '/api/errors', '{"message":"x","level":"loud"}', 400, 'VALIDATION_FAILED'],
    ['a list for a context', 'POST', '/api/errors', '{"message":"x","context":[]}', 400, 'VALIDATION_FAILED'],
    ['a NUL byte in text', 'POST', '/api/errors', '{"message":"a\\u0000b"}', 400, 'VALIDATION_FAILED'],
    ['deep nesting', 'POST', '/api/errors', deep, 400, 'VALIDATION_FAILED'],
    [
      'a 10 MB body',
      'POST',
      '/api/errors',
      JSON.stringify({ message: 'x'.repeat(10_000_000) }),
      413,
      'PAYLOAD_TOO_LARGE',
    ],
    ['an id that is no UUID', 'GET', '/api/errors/42', undefined, 400, 'VALIDATION_FAILED'],
    [
      'an unknown id',
      'GET',
      '/api/errors/00000000-0000-4000-8000-000000000000',
      undefined,
      404,
      'ERROR_NOT_FOUND',
    ],
    [
      'an unknown endpoint',
      'GET',
      '/health/api/endpoints/00000000-0000-4000-8000-000000000000',
      undefined,
      404,
      'ENDPOINT_NOT_FOUND',
    ],
    ['limit=abc', 'GET', '/api/errors?limit=abc', undefined, 400, 'VALIDATION_FAILED'],
    ['limit=0', 'GET', '/api/errors?limit=0', undefined, 400, 'VALIDATION_FAILED'],
    ['limit=101', 'GET', '/api/errors?limit=101', undefined, 400, 'VALIDATION_FAILED'],
    ['a negative offset', 'GET', '/api/errors?offset=-1', undefined, 400, 'VALIDATION_FAILED'],
    ['an unknown filter', 'GET', '/api/errors?colour=red', undefined, 400, 'VALIDATION_FAILED'],
    ['a NUL byte in a search', 'GET', '/api/errors?search=a%00b', undefined, 400, 'VALIDATION_FAILED'],
    [
      'a time before all others',
      'GET',
      '/api/errors?from=-271821-04-20T00:00:00Z',
      undefined,
      400,
      'VALIDATION_FAILED',
    ],
    ['a forged cursor', 'GET', '/api/errors?cursor=W10', undefined, 400, 'VALIDATION_FAILED'],
    ['a time that is none', 'GET', '/api/errors?from=yesterday', undefined, 400, 'VALIDATION_FAILED'],
    [
      'an unknown field',
      'POST',
      '/health/api/endpoints',
      '{"name":"a","url":"http://a.example","colour":"red"}',
      400,
      'VALIDATION_FAILED',
    ],
    [
      'a URL that is none',
      'POST',
      '/health/api/endpoints',
      '{"name":"a","url":"nowhere"}',
      400,
      'VALIDATION_FAILED',
    ],
    [
      'a URL of another scheme',
      'POST',
      '/health/api/endpoints',
      '{"name":"a","url":"file:///etc/passwd"}',
      400,
      'VALIDATION_FAILED',
    ],
    [
      'the metadata address',
      'POST',
      '/health/api/endpoints',
      '{"name":"a","url":"http://169.254.169.254/"}',
      400,
      'TARGET_REFUSED',
    ],
    [
      'an interval that is none',
      'POST',
      '/health/api/endpoints',
      '{"name":"a","url":"http://a.example","interval":"often"}',
      400,
      'VALIDATION_FAILED',
    ],
    [
      'an unknown permission',
      'POST',
      '/api/settings/api-keys',
      '{"name":"a","permissions":["fly"]}',
      400,
      'VALIDATION_FAILED',
    ],
    ['a route that is not there', 'GET', '/api/nothing', undefined, 404, 'NOT_FOUND'],
    ['a method that is not there', 'DELETE', '/api/errors', undefined, 404, 'NOT_FOUND'],
  ];

  it.each(cases)('%s is refused in the envelope', async (_what, method, path, body, status, code) => {
    const answer = await product.client.send(method, path, body);
    expect(answer.status).toBe(status);
    expect(answer.body).toMatchObject({
      status: 'error',
      code,
      error: expect.any(String),
      timestamp: expect.stringMatching(/Z$/),
    });
    expect(answer.headers.get('x-request-id')).toBe(answer.body.request_id);
    expect(answer.headers.get('x-response-time')).toMatch(/^\d+\.\d\dms$/);
    expect(JSON.stringify(answer.body)).not.toMatch(/node_modules|\.js:\d/);
  });

  it('says which field is wrong', async () => {
    const { body } = await product.client.get('/api/errors?limit=abc&offset=-1');
    expect(body.details.map((detail: { field: string }) => detail.field)).toEqual(
      expect.arrayContaining(['limit', 'offset']),
    );
  });

  it('refuses a body that is not JSON, and says what to send', async () => {
    const answer = await product.client.send('POST', '/api/errors', 'message=x', {
      'Content-Type': 'application/x-www-form-urlencoded',
    });
    expect(answer).toMatchObject({ status: 415, body: { code: 'UNSUPPORTED_MEDIA_TYPE' } });
  });

  it('refuses text in another encoding, in which the guard would not see what it holds', async () => {
    const body = Buffer.from(JSON.stringify({ email: '\u0000', password: 'x' }), 'utf16le');
    const type = { 'Content-Type': 'application/json; charset=utf-16le' };
    expect(await product.client.send('POST', '/api/login', body, type)).toMatchObject({
      status: 415,
      body: { code: 'UNSUPPORTED_MEDIA_TYPE' },
    });
  });

  it.each(['//', '//[', '//a:b', '/ws/../x', '/nothing'])('survives an upgrade of %s', async (path) => {
    const socket = connect(product.api.port, '127.0.0.1');
    socket.write(
      `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n`,
    );
    let answer = '';
    for await (const chunk of socket) answer += String(chunk);
    expect(answer).toMatch(/^HTTP\/1.1 4\d\d/);
    expect((await product.client.get('/api/errors')).status).toBe(200);
  });

  it('keeps odd text that can be stored', async () => {
    const message = 'Ünïcødé 🚨 \ud83d lone \u202e ￾';
    const answer = await product.client.post('/api/errors', {
      message,
      context: { 'k\udc00y': '\udc00', list: [null, 1.5, true] },
    });
    expect(answer.status).toBe(201);
    expect(answer.body.data.message).toContain('Ünïcødé 🚨');
  });

  it('keeps unknown fields of a report in its context', async () => {
    const answer = await product.client.post('/api/errors', {
      message: 'With extras',
      shop: 'Berlin',
      context: { a: 1 },
    });
    expect(answer.body.data.context).toMatchObject({ a: 1, shop: 'Berlin' });
  });

  it('logs nothing above warn, and leaves both processes running', () => {
    const errors = [product.api, product.worker].flatMap(({ output }) =>
      output.split('\n').filter((line) => /"level":[56]0/.test(line)),
    );
    expect(errors).toEqual([]);
    expect([product.api.child.exitCode, product.worker.child.exitCode]).toEqual([null, null]);
  });
});
