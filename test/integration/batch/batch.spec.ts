import { gzipSync } from 'node:zlib';
import { CodedException } from '../../../src/common/coded-exception.js';
import type { ReportedErrorsDto } from '../../../src/modules/errors/dto/report-errors.dto.js';
import { BatchRoute } from '../../../src/modules/errors/ingest/batch-route.js';
import { ErrorIntake } from '../../../src/modules/errors/ingest/error-intake.js';
import { ApiClient } from '../../support/api-client.js';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.js';
import { ErrorsProcess } from '../errors/errors-process.js';
import { DirectServer, LetsIn } from './direct-server.js';

interface Envelope {
  data: ReportedErrorsDto;
  code?: string;
  details?: { field: string; message: string }[];
}

describe('POST /api/errors/batch', () => {
  let database: TestDatabase;
  let errors: ErrorsProcess;
  let server: DirectServer;
  let client: ApiClient;

  beforeAll(async () => {
    database = await createTestDatabase();
    errors = await ErrorsProcess.start(database.url);
    server = await DirectServer.start(new BatchRoute(new LetsIn(), errors.intake));
    client = new ApiClient(server.url);
  });
  afterAll(async () => {
    await server.stop();
    await errors.stop();
    await database.drop();
  });

  const post = (body: unknown, headers?: Record<string, string>) =>
    client.post<Envelope>('/api/errors/batch', body, headers);

  it('stores all, and says of each what became of it, in the order sent', async () => {
    const errorsOf = ['Order refused', 'Mail lost', 'Order refused'].map((message) => ({ message }));
    const { status, body } = await post({ errors: errorsOf });
    expect(status).toBe(201);
    expect(body.data).toMatchObject({ accepted: 3, rejected: 0 });
    expect(body.data.results.map(({ index, outcome, count }) => [index, outcome, count])).toEqual([
      [0, 'new', 1],
      [1, 'new', 1],
      [2, 'duplicate', 2],
    ]);
    expect(body.data.results[2]!.id).toBe(body.data.results[0]!.id);
  });

  it('takes the array alone, and a thousand errors, and counts each', async () => {
    const { status, body } = await post(Array.from({ length: 1_000 }, () => ({ message: 'A thousandfold' })));
    expect(status).toBe(201);
    expect(Math.max(...body.data.results.map(({ count }) => count!))).toBe(1_000);
  });

  it('takes compressed batches larger than a single report may be', async () => {
    const many = Array.from({ length: 200 }, () => ({ message: 'Large', stack_trace: 'x'.repeat(10_000) }));
    const { status } = await client.send('POST', '/api/errors/batch', gzipSync(JSON.stringify(many)), {
      'Content-Encoding': 'gzip',
    });
    expect(status).toBe(201);
  });

  it('loses no error for another’s fault', async () => {
    const bodies = [{ message: 'Good' }, { message: 1 }, null, { message: 'Foreign', source: 'b' }];
    const { status, body } = await post(bodies, { 'X-Only': 'a' });
    expect(status).toBe(207);
    expect(body.data).toMatchObject({
      accepted: 1,
      rejected: 3,
      results: [
        { index: 0, outcome: 'new', count: 1 },
        { index: 1, code: 'VALIDATION_FAILED', details: [{ field: 'message', message: 'must be a string' }] },
        { index: 2, code: 'VALIDATION_FAILED' },
        { index: 3, code: 'FORBIDDEN', error: 'This key may not report errors of the source "b".' },
      ],
    });
  });

  it('answers as a single report would when all fail for one reason', async () => {
    const { status, body } = await post([{ message: 1 }, { level: 'loud', message: 'x' }]);
    expect(status).toBe(400);
    expect(body).toMatchObject({
      code: 'VALIDATION_FAILED',
      details: [
        { field: 'errors.0.message', message: 'must be a string' },
        { field: 'errors.1.level', message: 'must be one of error, warning, info, debug' },
      ],
    });
  });

  it.each([
    [{}, 'must be an array'],
    [null, 'must be an array'],
    [[], 'must hold at least one error'],
    [Array.from({ length: 1_001 }, () => ({})), 'must hold at most 1000 errors'],
  ])('refuses a body without errors, or with too many', async (given, message) => {
    const { status, body } = await post(given);
    expect(status).toBe(400);
    expect(body.details).toEqual([{ field: 'errors', message }]);
  });

  it('counts a repeated batch once', async () => {
    const batch = [{ message: 'Sent twice' }, { message: 'Sent twice' }];
    const first = await post(batch, { 'Idempotency-Key': 'k' });
    const second = await post(batch, { 'Idempotency-Key': 'k' });
    expect(first.body.data.results.map(({ outcome }) => outcome)).toEqual(['new', 'duplicate']);
    expect(second.body.data.results).toMatchObject([
      { outcome: 'repeated', count: 2 },
      { outcome: 'repeated', count: 2 },
    ]);
  });

  describe('when the writer is overloaded', () => {
    let free = 0;
    let busy: DirectServer;

    beforeAll(async () => {
      const take: ErrorIntake['take'] = (...given) => {
        if (free-- > 0) return errors.intake.take(...given);
        return Promise.reject(new CodedException('OVERLOADED', 'Too many wait.', undefined, 3));
      };
      const intake = { read: errors.intake.read.bind(errors.intake), take } as ErrorIntake;
      busy = await DirectServer.start(new BatchRoute(new LetsIn(), intake));
    });
    afterAll(() => busy.stop());

    it('says which errors to send again, and when', async () => {
      free = 1;
      const { status, body } = await new ApiClient(busy.url).post<Envelope>('/api/errors/batch', [
        { message: 'Fits' },
        { message: 'Does not' },
      ]);
      expect(status).toBe(207);
      expect(body.data.results).toMatchObject([
        { outcome: 'new' },
        { code: 'OVERLOADED', error: 'Too many wait.', retry_after: 3 },
      ]);
    });

    it('answers 503 when none could be stored', async () => {
      free = 0;
      const { status, headers, body } = await new ApiClient(busy.url).post<Envelope>('/api/errors/batch', [
        { message: 'a' },
        { message: 'b' },
      ]);
      expect([status, body.code, headers.get('retry-after')]).toEqual([503, 'OVERLOADED', '3']);
    });
  });
});
