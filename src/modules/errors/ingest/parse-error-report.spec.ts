import fc from 'fast-check';
import { CodedException } from '../../../common/coded-exception.js';
import { parseErrorReport } from './parse-error-report.js';
import { scrubReport } from '../scrubbing/scrub-report.js';

function refusal(body: unknown): CodedException {
  try {
    parseErrorReport(body);
  } catch (error) {
    return error as CodedException;
  }
  throw new Error('It was accepted.');
}

describe('parseErrorReport', () => {
  it('takes the fields of the reference', () => {
    const body = {
      level: 'warning',
      message: 'Database connection failed',
      stack_trace: 'Error: x\n    at a (b.js:1:2)',
      context: { user_id: '12345' },
      source: 'backend',
      environment: 'production',
      url: 'https://api.example.com/users',
      user_agent: 'curl',
      ip_address: '192.168.1.100',
    };
    expect(parseErrorReport(body)).toMatchObject({
      ...body,
      user: { id: '12345', email: null, username: null, ip_address: null },
    });
  });

  it('needs a message only', () => {
    expect(parseErrorReport({ message: 'x' })).toMatchObject({
      level: 'error',
      message: 'x',
      stack_trace: null,
      context: {},
      source: 'default',
      environment: null,
      url: null,
      user_agent: null,
      ip_address: null,
    });
  });

  it('takes a missing message from the stack trace', () => {
    expect(parseErrorReport({ stack_trace: '\n Error: boom\n  at a' }).message).toBe('Error: boom');
  });

  it('keeps fields it does not know in the context, below those that are there', () => {
    expect(parseErrorReport({ message: 'x', shop: 'A', user: 1, context: { user: 2 } }).context).toEqual({
      shop: 'A',
      user: 2,
    });
  });

  it.each([
    ['fatal', 'error'],
    ['CRITICAL', 'error'],
    ['warn', 'warning'],
    ['notice', 'info'],
    ['trace', 'debug'],
  ])('understands the level %s', (spelling, level) => {
    const report = parseErrorReport({ message: 'x', level: spelling });
    expect(report.level).toBe(level);
    expect(report.context).toEqual({ level: spelling.toLowerCase() });
  });

  it('writes our levels as ours', () => {
    expect(parseErrorReport({ message: 'x', level: 'Error' })).toMatchObject({ level: 'error', context: {} });
  });

  it('cuts what is too long, and says so', () => {
    const report = parseErrorReport({
      message: 'm'.repeat(10_000),
      stack_trace: 's'.repeat(100_000),
      source: 'a'.repeat(300),
    });
    expect(report.message).toBe(`${'m'.repeat(8_192)}… [1808 more characters]`);
    expect(report.stack_trace).toMatch(/^s{65536}… \[34464 more characters\]$/);
    expect(report.source.length).toBeLessThan(300);
  });

  it('keeps names and addresses to one line', () => {
    const report = parseErrorReport({ message: 'a\nb', source: ' web\n\u001fshop ', environment: '\u0000' });
    expect(report).toMatchObject({ message: 'a\nb', source: 'web shop', environment: null });
  });

  it('names every field that is wrong', () => {
    const { code, details } = refusal({ message: 1, level: 'loud', context: [], url: {}, source: true });
    expect(code).toBe('VALIDATION_FAILED');
    expect(details!.map(({ field }) => field).sort()).toEqual([
      'context',
      'level',
      'message',
      'source',
      'url',
    ]);
  });

  it.each([[undefined], [null], ['text'], [42], [[]]])('refuses the body %p', (body) => {
    expect(refusal(body).details).toEqual([{ field: 'body', message: 'must be a JSON object' }]);
  });

  it.each([[{}], [{ message: '' }], [{ message: ' \n' }], [{ message: null }]])(
    'refuses %j: there is no message',
    (body) => {
      expect(refusal(body).details).toEqual([{ field: 'message', message: 'is required' }]);
    },
  );

  it('accepts or refuses any JSON, and what it accepts can be scrubbed and stored', () => {
    const key = fc.constantFrom(
      'level',
      'message',
      'stack_trace',
      'context',
      'source',
      'url',
      '__proto__',
      'constructor',
      'x',
    );
    const value = fc.oneof(
      fc.jsonValue(),
      fc.string({ unit: 'binary' }),
      fc.constantFrom('error', 'fatal', 'toString'),
    );
    fc.assert(
      fc.property(fc.dictionary(key, value), (given) => {
        try {
          const json = JSON.stringify(scrubReport(parseErrorReport(JSON.parse(JSON.stringify(given)))));
          expect(json).not.toMatch(/\\ud[89a-f]|\\u0000/);
        } catch (error) {
          expect(error).toBeInstanceOf(CodedException);
        }
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('scrubReport', () => {
  it('scrubs the texts and the context, not the names of things', () => {
    const scrubbed = scrubReport(
      parseErrorReport({
        message: 'no bob@example.com',
        stack_trace: 'Error: no bob@example.com\n    at a (b.js:1:2)',
        url: 'https://u:p@x.example.com/?token=1',
        context: { password: 'x' },
        source: 'a@b.example.com',
      }),
    );
    expect(scrubbed).toMatchObject({
      message: 'no [email]',
      stack_trace: 'Error: no [email]\n    at a (b.js:1:2)',
      url: 'https://[Filtered]@x.example.com/?token=[Filtered]',
      context: { password: '[Filtered]' },
      source: 'a@b.example.com',
    });
  });
});
