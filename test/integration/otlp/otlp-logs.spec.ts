import { gzipSync } from 'node:zlib';
import { CodedException } from '../../../src/common/coded-exception.js';
import { ErrorIntake } from '../../../src/modules/errors/ingest/error-intake.js';
import { OtlpLogsRoute } from '../../../src/modules/errors/otlp/otlp-logs-route.js';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.js';
import { DirectServer, LetsIn } from '../batch/direct-server.js';
import { ErrorsProcess } from '../errors/errors-process.js';
import { fieldsOf } from './protobuf-bytes.js';
import { asJson, asProtobuf, type SampleLogs, type SampleRecord } from './sample-logs.js';

const STACK = `TypeError: total is undefined
    at pay (/srv/shop/src/cart.js:10:5)
    at checkout (/srv/shop/src/checkout.js:20:7)`;

function shop(records: SampleRecord[], resource: SampleLogs['resource'] = {}): SampleLogs {
  return {
    resource: {
      'service.name': 'shop',
      'service.version': '1.2.3',
      'deployment.environment.name': 'production',
      'telemetry.sdk.language': 'nodejs',
      'telemetry.sdk.name': 'opentelemetry',
      'telemetry.sdk.version': '2.0.0',
      'host.name': 'web-1',
      ...resource,
    },
    scope: 'shop.cart',
    records,
  };
}

describe('POST /v1/logs', () => {
  let database: TestDatabase;
  let errors: ErrorsProcess;
  let server: DirectServer;
  let intake: ErrorIntake;
  let refusal: CodedException | undefined;

  beforeAll(async () => {
    database = await createTestDatabase();
    errors = await ErrorsProcess.start(database.url);
    const take: ErrorIntake['take'] = (...given) =>
      refusal && given[0].message !== 'Stored' ? Promise.reject(refusal) : errors.intake.take(...given);
    intake = { read: errors.intake.read.bind(errors.intake), take } as ErrorIntake;
    server = await DirectServer.start(new OtlpLogsRoute(new LetsIn(), intake));
  });
  afterEach(() => {
    refusal = undefined;
  });
  afterAll(async () => {
    await server.stop();
    await errors.stop();
    await database.drop();
  });

  const send = (body: string | Buffer, headers: Record<string, string> = {}) =>
    fetch(`${server.url}/v1/logs`, {
      method: 'POST',
      body,
      headers: {
        'Content-Type': typeof body === 'string' ? 'application/json' : 'application/x-protobuf',
        ...headers,
      },
    });
  const stored = (message: string) =>
    database.dataSource.query<Record<string, unknown>[]>(
      `SELECT e.message, e.level, e.source, e.environment, e.count, e.culprit, e.platform, e.first_release,
              o.stack_trace, o.context, o.tags, o.details, o.user_agent, o.ip_address, o.occurred_at
       FROM errors e JOIN error_occurrences o ON o.error_id = e.id WHERE e.message = $1`,
      [message],
    );

  it.each([
    ['JSON', asJson],
    ['protobuf', asProtobuf],
  ])('takes an exception in, with all that is known of it (%s)', async (name, encode) => {
    const body = encode(
      shop([
        {
          time: 1_700_000_000_123_000_000n,
          severity: 17,
          severityText: 'ERROR',
          body: 'Payment failed',
          traceId: '5b8efff798038103d269b633813fc60c',
          spanId: 'eee19b7ec3c1b174',
          attributes: {
            'exception.type': 'TypeError',
            'exception.message': `total is undefined in ${name}`,
            'exception.stacktrace': STACK,
            'url.full': 'https://shop.example.com/pay',
            'user.id': 'u-1',
            'code.function.name': 'pay',
            order: 7,
          },
        },
      ]),
    );
    const response = await send(body);
    expect([response.status, response.headers.get('content-type')]).toEqual([
      200,
      name === 'JSON' ? 'application/json' : 'application/x-protobuf',
    ]);
    expect(await response.text()).toBe(name === 'JSON' ? '{}' : '');
    expect(await stored(`TypeError: total is undefined in ${name}`)).toEqual([
      expect.objectContaining({
        level: 'error',
        source: 'shop',
        environment: 'production',
        platform: 'node',
        culprit: 'pay',
        first_release: '1.2.3',
        stack_trace: STACK,
        context: {
          order: 7,
          log: 'Payment failed',
          'user.id': 'u-1',
          'code.function.name': 'pay',
          trace_id: '5b8efff798038103d269b633813fc60c',
          span_id: 'eee19b7ec3c1b174',
        },
        tags: { 'host.name': 'web-1', logger: 'shop.cart' },
        user_agent: null,
        ip_address: null,
        occurred_at: new Date(1_700_000_000_123),
        details: expect.objectContaining({
          sdk: { name: 'opentelemetry', version: '2.0.0' },
          contexts: expect.objectContaining({
            trace: { trace_id: '5b8efff798038103d269b633813fc60c', span_id: 'eee19b7ec3c1b174' },
          }),
        }),
      }),
    ]);
  });

  it('takes what is an error in, by exception or severity, and passes the rest over', async () => {
    const body = asProtobuf(
      shop([
        { severity: 9, body: 'Only information' },
        { severity: 13, body: 'Only a warning' },
        { severity: 13, attributes: { 'exception.message': 'A warning with an exception' } },
        { severity: 21, severityText: 'FATAL', body: 'Out of memory' },
        { severityText: 'critical', body: 'By its name alone' },
        { severity: 17, body: { msg: 'Structured', code: 5 } },
        { severity: 18 },
      ]),
    );
    expect((await send(gzipSync(body), { 'Content-Encoding': 'gzip' })).status).toBe(200);
    const rows = await database.dataSource.query<{ message: string; level: string }[]>(
      `SELECT message, level FROM errors WHERE source = 'shop' AND message !~ '^TypeError' ORDER BY message`,
    );
    expect(rows).toEqual([
      { message: '(log record without text)', level: 'error' },
      { message: 'A warning with an exception', level: 'warning' },
      { message: 'By its name alone', level: 'error' },
      { message: 'Out of memory', level: 'error' },
      { message: 'Structured', level: 'error' },
    ]);
  });

  it('gives programs without a name the first source of the key', async () => {
    const body = asJson(
      shop([{ severity: 17, body: 'Nameless' }], { 'service.name': 'unknown_service:node' }),
    );
    await send(body, { 'X-Only': 'mine,other' });
    expect(await stored('Nameless')).toMatchObject([{ source: 'mine' }]);
  });

  it('names the user’s own browser and address, of browsers only', async () => {
    const body = asJson(
      shop([{ severity: 17, body: 'In a browser' }], { 'telemetry.sdk.language': 'webjs' }),
    );
    await send(body, { 'User-Agent': 'Firefox' });
    expect(await stored('In a browser')).toMatchObject([
      { platform: 'javascript', user_agent: 'Firefox', ip_address: '127.0.0.1' },
    ]);
  });

  it('counts a request that is sent again once', async () => {
    const body = asProtobuf(shop([{ time: 1_700_000_000_000_000_000n, severity: 17, body: 'Sent again' }]));
    await send(body);
    await send(body);
    expect(await stored('Sent again')).toMatchObject([{ count: '1' }]);
  });

  const mixed = [
    shop([{ severity: 17, body: 'Mine' }]),
    shop([{ severity: 17, body: 'Not mine' }], { 'service.name': 'other' }),
  ];

  it('says how many records were refused for good (JSON)', async () => {
    const response = await send(asJson(...mixed), { 'X-Only': 'shop' });
    expect([response.status, await response.json()]).toEqual([
      200,
      {
        partialSuccess: {
          rejectedLogRecords: '1',
          errorMessage: 'This key may not report errors of the source "other".',
        },
      },
    ]);
  });

  it('says how many records were refused for good (protobuf)', async () => {
    const response = await send(asProtobuf(...mixed), { 'X-Only': 'shop' });
    const [[field, partial]] = fieldsOf(new Uint8Array(await response.arrayBuffer())) as [[number, Buffer]];
    expect([response.status, field]).toEqual([200, 1]);
    expect(fieldsOf(partial)).toEqual([
      [1, 1n],
      [2, Buffer.from('This key may not report errors of the source "other".')],
    ]);
  });

  it('fails with google.rpc.Status, to be sent again later, when it is overloaded', async () => {
    refusal = new CodedException('OVERLOADED', 'Too many wait.', undefined, 3);
    const logs = shop([
      { time: 1n, severity: 17, body: 'Stored' },
      { time: 1n, severity: 17, body: 'Not stored' },
    ]);
    const json = await send(asJson(logs));
    expect([json.status, json.headers.get('retry-after'), await json.json()]).toEqual([
      503,
      '3',
      { code: 14, message: 'Too many wait.' },
    ]);
    const protobuf = await send(asProtobuf(logs));
    expect([protobuf.status, protobuf.headers.get('content-type')]).toEqual([503, 'application/x-protobuf']);
    expect(fieldsOf(new Uint8Array(await protobuf.arrayBuffer()))).toEqual([
      [1, 14n],
      [2, Buffer.from('Too many wait.')],
    ]);
  });

  it('sheds what is beyond a limit, and says so, or asks to wait when all is', async () => {
    refusal = new CodedException('RATE_LIMIT_EXCEEDED', 'Slow down.', undefined, 9);
    const some = await send(
      asJson(
        shop([
          { severity: 17, body: 'Stored' },
          { severity: 17, body: 'Beyond' },
        ]),
      ),
    );
    expect(await some.json()).toMatchObject({ partialSuccess: { rejectedLogRecords: '1' } });
    const all = await send(asJson(shop([{ severity: 17, body: 'Beyond' }])));
    expect([all.status, all.headers.get('retry-after'), await all.json()]).toEqual([
      429,
      '9',
      { code: 8, message: 'Slow down.' },
    ]);
  });

  it('refuses other types, and bodies that it cannot read', async () => {
    const text = await send('x', { 'Content-Type': 'text/plain' });
    expect([text.status, await text.json()]).toMatchObject([415, { code: 3 }]);
    const broken = await send(Buffer.from([0xff]));
    expect(broken.status).toBe(400);
    expect(fieldsOf(new Uint8Array(await broken.arrayBuffer()))[0]).toEqual([1, 3n]);
  });
});
