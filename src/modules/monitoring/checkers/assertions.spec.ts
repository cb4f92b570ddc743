import * as fc from 'fast-check';
import { type Assertion, assertionSchema, evaluateAssertions, type Facts, needText } from './assertions.js';
import type { CertificateFacts } from './certificate-facts.js';
import { CheckFailure } from './check-failure.js';

const DAY = 86_400_000;
const NOW = Date.parse('2026-11-23T00:00:00Z');

const DOCUMENT = {
  status: 'up',
  count: 7,
  written: '7.5',
  empty: '',
  nothing: null,
  yes: true,
  list: ['a', 'b', 3],
  nested: {
    items: [
      { id: 1, name: 'one' },
      { id: 2, name: 'two' },
    ],
  },
};

const facts = (more: Partial<Facts> = {}): Facts => ({
  text: 'All systems are fine.\nVersion 1.2.3',
  headers: { 'content-type': 'text/plain; charset=utf-8', 'set-cookie': ['a=1', 'b=2'], 'x-empty': '' },
  response_time_ms: 120,
  certificate: null,
  now: NOW,
  ...more,
});

const parse = (assertion: object): Assertion => assertionSchema.parse(assertion);
const failure = (assertion: object, more?: Partial<Facts>): string | undefined =>
  evaluateAssertions([parse(assertion)], facts(more)).hard[0];
const problem = (assertion: object): string | undefined =>
  assertionSchema.safeParse(assertion).error?.issues[0]?.message;

describe('assertions on text', () => {
  it.each<[string, string, string | undefined]>([
    ['contains', 'fine', undefined],
    ['contains', 'FINE', 'does not contain'],
    ['contains', 'broken', 'does not contain'],
    ['not_contains', 'broken', undefined],
    ['not_contains', 'fine', 'contains'],
    ['equals', 'All systems are fine.\nVersion 1.2.3', undefined],
    ['equals', 'All systems', 'is not'],
    ['not_equals', 'All systems', undefined],
    ['not_equals', 'All systems are fine.\nVersion 1.2.3', 'is'],
    ['matches', String.raw`Version \d+\.\d+`, undefined],
    ['matches', '^Version', 'does not match'],
    ['matches', '(?i)x|fine', undefined],
  ])('%s %j: %j', (operator, value, words) => {
    if (problem({ type: 'body', operator, value })) return expect(value).toContain('(?i)');
    const said = failure({ type: 'body', operator, value });
    if (words === undefined) expect(said).toBeUndefined();
    else expect(said).toMatch(new RegExp(`^The answer ${words} `));
  });

  it('shows what came instead when it is short', () => {
    const assertion = { type: 'body', operator: 'equals', value: 'up' };
    expect(failure(assertion, { text: 'down' })).toBe('The answer is not "up", but "down"');
    expect(failure(assertion, { text: 'x'.repeat(100) })).toBe('The answer is not "up"');
    expect(failure(assertion, { text: '' })).toBe('The answer is not "up", but ""');
  });

  it('contains agrees with itself on any text', () => {
    fc.assert(
      fc.property(fc.string(), fc.string({ minLength: 1, maxLength: 100 }), (text, value) => {
        const has = failure({ type: 'body', operator: 'contains', value }, { text }) === undefined;
        const lacks = failure({ type: 'body', operator: 'not_contains', value }, { text }) === undefined;
        expect([has, lacks]).toEqual([text.includes(value), !text.includes(value)]);
      }),
    );
  });
});

describe('assertions on headers', () => {
  it.each<[string, string, string | undefined, string | undefined]>([
    ['Content-Type', 'contains', 'text/plain', undefined],
    ['content-type', 'matches', 'charset=utf-8$', undefined],
    [
      'Content-Type',
      'equals',
      'text/html',
      'Header Content-Type is not "text/html", but "text/plain; charset=utf-8"',
    ],
    ['Set-Cookie', 'contains', 'b=2', undefined],
    ['X-Empty', 'exists', undefined, undefined],
    ['X-Empty', 'equals', '', undefined],
    ['X-None', 'exists', undefined, 'Header X-None is missing'],
    ['X-None', 'equals', 'a', 'Header X-None is missing'],
    ['X-None', 'contains', 'a', 'Header X-None is missing'],
    ['X-None', 'not_contains', 'a', undefined],
    ['X-None', 'not_equals', 'a', undefined],
    ['X-None', 'not_exists', undefined, undefined],
    ['X-Empty', 'not_exists', undefined, 'Header X-Empty is present'],
  ])('%s %s %j: %j', (name, operator, value, words) => {
    expect(failure({ type: 'header', name, operator, value })).toBe(words);
  });

  it.each(['__proto__', 'constructor', 'toString'])('%s is not there', (name) => {
    expect(failure({ type: 'header', name, operator: 'exists' }, { headers: Object.create(null) })).toMatch(
      /missing$/,
    );
  });
});

describe('assertions on JSON', () => {
  const text = JSON.stringify(DOCUMENT);
  const ask = (path: string, operator: string, value?: unknown) =>
    failure({ type: 'json', path, operator, value }, { text });

  it.each<[string, string, unknown, string | undefined]>([
    ['$.status', 'equals', 'up', undefined],
    ['$.status', 'equals', 'down', '$.status is not "down", but "up"'],
    ['$.status', 'not_equals', 'down', undefined],
    ['$.status', 'contains', 'u', undefined],
    ['$.status', 'matches', '^(up|ok)$', undefined],
    ['$.count', 'equals', 7, undefined],
    ['$.count', 'equals', '7', undefined],
    ['$.count', 'less_than', 8, undefined],
    ['$.count', 'less_than', 7, '$.count is not less than 7, but 7'],
    ['$.count', 'greater_than', 6.5, undefined],
    ['$.written', 'greater_than', 7, undefined],
    ['$.yes', 'equals', true, undefined],
    ['$.yes', 'equals', false, '$.yes is not false, but true'],
    ['$.nothing', 'equals', null, undefined],
    ['$.nothing', 'exists', undefined, undefined],
    ['$.nothing', 'not_exists', undefined, '$.nothing is present'],
    ['$.none', 'exists', undefined, '$.none is missing'],
    ['$.none', 'not_exists', undefined, undefined],
    ['$.none', 'equals', null, '$.none is missing'],
    ['$.none', 'less_than', 1, '$.none is missing'],
    ['$.list', 'contains', 'a', undefined],
    ['$.list', 'contains', 3, undefined],
    ['$.list', 'contains', 'c', '$.list does not contain "c", but ["a","b",3]'],
    ['$.list', 'not_contains', 'c', undefined],
    ['$.list[1]', 'equals', 'b', undefined],
    ['$.list[-1]', 'equals', 3, undefined],
    ['$.nested.items[?@.id == 2].name', 'equals', 'two', undefined],
    ['$.nested.items[?@.id == 9]', 'exists', undefined, '$.nested.items[?@.id == 9] is missing'],
    ['$..name', 'equals', 'one', undefined],
    ['$.nested.items[0]', 'equals', '{"id":1,"name":"one"}', undefined],
    ['length', 'exists', undefined, undefined],
    ['$.__proto__', 'exists', undefined, '$.__proto__ is missing'],
    ['$.constructor.name', 'exists', undefined, '$.constructor.name is missing'],
  ])('%s %s %j: %j', (path, operator, value, words) => {
    if (problem({ type: 'json', path, operator, value })) return expect(path).not.toMatch(/^\$/);
    expect(ask(path, operator, value)).toBe(words);
  });

  it.each(['$.nothing', '$.empty', '$.yes', '$.list', '$.status', '$.nested'])(
    '%s is neither less nor greater than a number',
    (path) => {
      expect(ask(path, 'less_than', 1e9)).toMatch(/is not less than/);
      expect(ask(path, 'greater_than', -1e9)).toMatch(/is not greater than/);
    },
  );

  it.each(['', '<html>', '{"cut":', 'undefined'])('%j is not JSON', (page) => {
    const assertion = { type: 'json', path: '$', operator: 'exists' };
    expect(failure(assertion, { text: page })).toBe('The answer is not JSON');
    expect(failure({ ...assertion, operator: 'not_exists' }, { text: page })).toBe('The answer is not JSON');
  });

  it('may begin with a byte order mark, and be anything', () => {
    const root = { type: 'json', path: '$', operator: 'equals' };
    expect(failure({ ...root, value: 1 }, { text: '\uFEFF1' })).toBeUndefined();
    expect(failure({ ...root, value: null }, { text: 'null' })).toBeUndefined();
    expect(failure({ ...root, value: 'x' }, { text: '"x"' })).toBeUndefined();
  });

  it('finds what was put in, whatever it is', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const assertion = { type: 'json', path: '$.a', operator: 'equals', value: JSON.stringify(value) };
        if (typeof value === 'string' || assertion.value.length > 2_000) return;
        expect(failure(assertion, { text: JSON.stringify({ a: value }) })).toBeUndefined();
      }),
    );
  });
});

describe('assertions on figures', () => {
  it('response time', () => {
    const assertion = (operator: string, value: number) => ({ type: 'response_time', operator, value });
    expect(failure(assertion('less_than', 121))).toBeUndefined();
    expect(failure(assertion('less_than', 120))).toBe('The response time is not less than 120, but 120');
    expect(failure(assertion('greater_than', 100))).toBeUndefined();
  });

  it('days until the certificate ends', () => {
    const assertion = { type: 'certificate_days', operator: 'greater_than', value: 14 };
    const ending = (at: number) => ({ certificate: { valid_to: at } as CertificateFacts });
    expect(failure(assertion, ending(NOW + 15 * DAY))).toBeUndefined();
    const words = 'The number of days until the certificate ends is not greater than 14, but';
    expect(failure(assertion, ending(NOW + 15 * DAY - 1))).toBe(`${words} 14`);
    expect(failure(assertion, ending(NOW - 1))).toBe(`${words} -1`);
    expect(failure(assertion)).toBe('The number of days until the certificate ends is missing');
  });
});

describe('hard and soft', () => {
  const fails = { type: 'body', operator: 'contains', value: 'no such words' };
  it('are told apart, in their order', () => {
    const assertions = [
      { ...fails, soft: true },
      { type: 'header', name: 'X-None', operator: 'exists' },
      { type: 'json', path: '$', operator: 'exists', soft: true },
      { ...fails, value: 'nor such' },
    ];
    expect(evaluateAssertions(assertions.map(parse), facts())).toEqual({
      hard: [
        'Header X-None is missing',
        'The answer does not contain "nor such", but "All systems are fine.\\nVersion 1.2.3"',
      ],
      soft: [
        'The answer does not contain "no such words", but "All systems are fine.\\nVersion 1.2.3"',
        'The answer is not JSON',
      ],
    });
  });

  it('are hard unless they say so', () => expect(parse(fails).soft).toBe(false));
});

describe('what takes for ever', () => {
  const stopped = (assertion: object, text: string): void => {
    const start = Date.now();
    expect(() => failure(assertion, { text })).toThrow(CheckFailure);
    expect(() => failure(assertion, { text })).toThrow(/takes too long$/);
    expect(Date.now() - start).toBeLessThan(5_000);
    // What comes after works.
    expect(failure({ type: 'body', operator: 'matches', value: '^a' }, { text: 'abc' })).toBeUndefined();
  };

  it.each(['^(a+)+$', '^(a|a)*$', '(a*)*b', String.raw`^(\w+\s?)*$`])(
    'the pattern %s is stopped',
    (value) => {
      stopped({ type: 'body', operator: 'matches', value }, `${'a'.repeat(50)}!`);
    },
  );

  it('says nothing about the endpoint', () => {
    const assertion = { type: 'body', operator: 'matches', value: '^(a+)+$' };
    expect.assertions(1);
    try {
      failure(assertion, { text: `${'a'.repeat(50)}!` });
    } catch (error) {
      expect((error as CheckFailure).ours).toBe(true);
    }
  });

  it('a path that visits everything again and again is stopped', () => {
    const deep = `${'['.repeat(400)}${']'.repeat(400)}`;
    const wide = JSON.stringify(Array.from({ length: 3_000 }, () => [[[1]]]));
    const assertion = { type: 'json', path: '$..*..*..*..*..*[?@.none]', operator: 'exists' };
    expect(failure(assertion, { text: deep })).toBe('The answer is nested too deep');
    const start = Date.now();
    expect(() => failure(assertion, { text: wide })).toThrow(/takes too long$/);
    expect(Date.now() - start).toBeLessThan(2_000);
  });

  it('functions with patterns of their own are not there', () => {
    for (const name of ['match', 'search']) {
      const path = `$[?${name}(@.a, '(a+)+b')]`;
      expect(problem({ type: 'json', path, operator: 'exists' })).toMatch(/must be a JSONPath/);
    }
  });
});

describe('what is refused when it is configured', () => {
  it.each<[object, string | RegExp]>([
    [{ type: 'body', operator: 'matches', value: '(' }, 'must be a regular expression'],
    [{ type: 'header', name: 'A', operator: 'matches', value: '[' }, 'must be a regular expression'],
    [{ type: 'json', path: '$.a', operator: 'matches', value: '*' }, 'must be a regular expression'],
    [{ type: 'header', name: 'A', operator: 'equals' }, 'is needed'],
    [{ type: 'json', path: '$.a', operator: 'less_than' }, 'is needed'],
    [{ type: 'json', path: '$.a', operator: 'less_than', value: '5' }, 'must be a number'],
    [{ type: 'json', path: '$.[', operator: 'exists' }, /must be a JSONPath/],
    [{ type: 'header', name: 'A B', operator: 'exists' }, 'must be the name of a header'],
    [{ type: 'body', operator: 'contains', value: '' }, /./],
    [{ type: 'body', operator: 'less_than', value: '1' }, /./],
    [{ type: 'response_time', operator: 'equals', value: 1 }, /./],
    [{ type: 'certificate_days', operator: 'less_than', value: -1 }, /./],
    [{ type: 'body', operator: 'contains', value: 'a', extra: 1 }, /./],
    [{ type: 'nothing' }, /./],
  ])('%j', (assertion, message) => {
    expect(problem(assertion)).toEqual(
      typeof message === 'string' ? message : expect.stringMatching(message),
    );
  });
});

it('text is needed by those that look at it', () => {
  expect(needText([])).toBe(false);
  expect(needText([parse({ type: 'response_time', operator: 'less_than', value: 5 })])).toBe(false);
  expect(needText([parse({ type: 'header', name: 'A', operator: 'exists' })])).toBe(false);
  expect(needText([parse({ type: 'body', operator: 'contains', value: 'a' })])).toBe(true);
  expect(needText([parse({ type: 'json', path: '$', operator: 'exists' })])).toBe(true);
});
