import { ConfigurationError } from './configuration-error.js';
import { declaredItems } from './document-shape.js';
import { parseDocument } from './parse-document.js';

const ENVIRONMENT = { TOKEN: 'a: b # c', RETRIES: '3', ON: 'true', TRICK: '[1, 2]' };

function problemsOf(work: () => unknown): readonly unknown[] {
  try {
    work();
  } catch (error) {
    if (error instanceof ConfigurationError) return error.problems;
    throw error;
  }
  return [];
}

describe('reading a configuration file', () => {
  it('puts variables in as values: nothing in them can change the structure', () => {
    const { content } = parseDocument(
      'a: ${TOKEN}\nb: ${RETRIES}\nc: "${RETRIES}"\nd: ${ON}\ne: ${TRICK}\nf: x-${RETRIES}',
      ENVIRONMENT,
    );
    expect(content).toEqual({ a: 'a: b # c', b: 3, c: '3', d: true, e: '[1, 2]', f: 'x-3' });
  });

  it('leaves references alone when no environment is given', () => {
    expect(parseDocument('a: ${NONE}').content).toEqual({ a: '${NONE}' });
  });

  it('names every variable that is missing, with its place', () => {
    expect(problemsOf(() => parseDocument('a: 1\nb: ${NONE}\nc: [x, "${NO_MORE}"]', {}))).toEqual([
      { path: '', message: 'The environment variable NONE is not set', line: 2, column: 4 },
      { path: '', message: 'The environment variable NO_MORE is not set', line: 3, column: 8 },
    ]);
  });

  it.each([
    ['endpoints: [', 1],
    ['a: 1\na: 2', 2],
    ['a:\n\t- b', 2],
  ])('points at what is not YAML: %j', (text, line) => {
    expect(problemsOf(() => parseDocument(text, {}))[0]).toMatchObject({ line });
  });

  it('is not brought down by aliases that grow without end', () => {
    const bomb = [
      'a0: &a0 [x, x]',
      ...Array.from({ length: 30 }, (_, i) => `a${i + 1}: &a${i + 1} [*a${i}, *a${i}]`),
    ];
    expect(problemsOf(() => parseDocument(bomb.join('\n'), {}))).toMatchObject([
      { message: 'Its aliases stand for too much' },
    ]);
  });

  it('finds the declared things, with the defaults of the file and of their group', () => {
    const document = parseDocument(`
      defaults: { interval: 30s, tags: [all] }
      endpoints:
        - { name: A, interval: 10s }
      groups:
        - name: Shop
          defaults: { tags: [shop] }
          endpoints:
            - { name: B }
            - { name: C, group: Other }
    `);
    expect(declaredItems(document).endpoints.map(({ fields }) => fields)).toEqual([
      { name: 'A', interval: '10s', tags: ['all'] },
      { name: 'B', interval: '30s', tags: ['shop'], group: 'Shop' },
      { name: 'C', interval: '30s', tags: ['shop'], group: 'Other' },
    ]);
  });

  it.each([
    ['endpoint: []', { path: 'endpoint', line: 1 }],
    ['endpoints: {}', { path: 'endpoints', line: 1 }],
    ['version: 2', { path: 'version' }],
    ['groups:\n  - endpoints: []', { path: 'groups[0].name', line: 2 }],
    ['- a', { path: '' }],
  ])('points at a wrong outline: %j', (text, problem) => {
    expect(problemsOf(() => declaredItems(parseDocument(text)))[0]).toMatchObject(problem);
  });

  it('takes an empty file for one that declares nothing', () => {
    expect(declaredItems(parseDocument(''))).toEqual({ endpoints: [], maintenance: [] });
  });
});
