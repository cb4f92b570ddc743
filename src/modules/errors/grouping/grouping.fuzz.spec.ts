import fc from 'fast-check';
import { explainGrouping } from './explain-grouping.js';
import { groupingOf } from './fingerprint.js';
import { StackReader } from './frames/stack-frames.js';
import { messageLine } from './message/message-line.js';
import { normaliseLine } from './message/normalise-message.js';
import { globOf } from './rules/glob.js';

/** `npm run fuzz` asks for many more. */
const numRuns = Number(process.env['FUZZ_RUNS'] ?? 5_000);

/** What makes messages and stacks what they are, in any order. */
const PIECES = [
  'at ', ' (', ')', '(', '/a/b.js', ':1', ':22', '\n', '\n    at ', 'File "', '", line 1, in f', '@', '#0 ', '#12 ', '.go:1',
  'x.rb:1:in `', "'", '"', '`', ' in ', ':line 4', 'most recent call last', 'Traceback (most recent call last):\n', 'Caused by: ',
  '[cause]: ', '\nNext ', '0: ', '12: ', '::', '::h0123456789abcdef', 'goroutine 1 [running]:\n', 'panic(', 'panic.go:1',
  'created by ', '{main}', '{closure:', '{{closure}}', '<X>d__5.MoveNext', '$$Lambda$1/', 'PHP   1. ', 'PHP Stack trace:\n',
  'eval at ', 'address at ', '[as x]', 'async ', 'new ', 'node_modules/', '.3f2a9c1b', '?q=1', '#x', '\ud800', '\u0000', '‹', '›', '‹number›',
  ' ', '\t', '\r\n', '\u2028', '1', '42', '1,', '0x1f', 'a', 'É', '订', '=', 'true', 'jan ', '2026-01-01', 'T10:11:12Z', 'ms', 'x://', '.com', '::1',
  '[', ']', 'values (', ')=(', '\\x', '|', '{', '}', 'message: ', 'frame: ', 'rule: ', 'v2 ', 'is not an object (evaluating ', "can't access property \"",
]; // prettier-ignore

const text = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.array(fc.constantFrom(...PIECES), { maxLength: 40 }).map((parts) => parts.join('')),
  },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 300 }) },
  { weight: 1, arbitrary: fc.string({ unit: 'grapheme', maxLength: 200 }) },
);

const frame = fc.record({
  function: fc.option(text),
  module: fc.option(text),
  filename: fc.option(text),
  abs_path: fc.option(text),
  lineno: fc.option(fc.nat()),
  colno: fc.option(fc.nat()),
  in_app: fc.option(fc.boolean()),
});

const report = fc.record({
  message: text,
  source: text,
  stack_trace: fc.option(text),
  frames: fc.option(fc.array(frame, { maxLength: 5 })),
  fingerprint: fc.option(
    fc.array(
      fc.oneof(text, fc.constantFrom('{{ default }}', '{{ type }}', '{{ function }}', '{{ tags.a }}')),
      { maxLength: 4 },
    ),
  ),
  tags: fc.dictionary(text, text, { maxKeys: 3 }),
});

const LINE = /^(?:message|cause|frame|stack|fingerprint(?: [\w.-]+)?|rule(?: [\w.-]+)?): /;

describe('grouping, whatever it is given', () => {
  it('answers, says the same each time, and keeps its parts apart', () => {
    fc.assert(
      fc.property(report, (given) => {
        const { text: said, fingerprint } = groupingOf(given);
        expect(groupingOf({ ...given }).fingerprint).toBe(fingerprint);
        const lines = said.split('\n').slice(1).filter(Boolean);
        expect(lines.every((line) => LINE.test(line))).toBe(true);
        expect(explainGrouping(2, said)).toHaveLength(lines.length);
      }),
      { numRuns },
    );
  });

  it('reads any stack as at most three lines, anew as from memory', () => {
    const reader = new StackReader();
    fc.assert(
      fc.property(text, (stack) => {
        const { lines } = reader.read(stack, null);
        expect(lines.length).toBeLessThanOrEqual(3);
        expect(lines.join('')).not.toContain('\n');
        expect(new StackReader().read(stack, null).lines).toEqual(lines);
      }),
      { numRuns },
    );
  });

  it('leaves no brackets of placeholders that were typed, and no line breaks, in a message', () => {
    fc.assert(
      fc.property(text, (message) => {
        const line = messageLine(message);
        expect(line).not.toMatch(/[\n\r]/);
        expect(line.replaceAll(/‹[a-z]+›/g, '')).not.toMatch(/[‹›]/);
      }),
      { numRuns },
    );
  });

  it('does not see which number it is', () => {
    const word = fc.constantFrom('user', 'failed', 'order', 'of', 'the', 'limit');
    fc.assert(
      fc.property(fc.array(word, { minLength: 1, maxLength: 6 }), fc.nat(), fc.nat(), (words, one, other) => {
        const say = (value: number) => normaliseLine(`${words.join(' ')} ${value} ${words.join(' ')}`);
        expect(say(one)).toBe(say(other));
      }),
      { numRuns },
    );
  });

  it('matches patterns as a regular expression would', () => {
    const letters = fc.string({ unit: fc.constantFrom('a', 'B', '.', '*'), maxLength: 8 });
    const plain = fc.string({ unit: fc.constantFrom('a', 'b', 'B', '.'), maxLength: 12 });
    fc.assert(
      fc.property(letters, plain, (pattern, given) => {
        const escaped = pattern
          .split('*')
          .map((part) => part.replaceAll('.', '\\.'))
          .join('.*');
        expect(globOf(pattern)(given)).toBe(new RegExp(`^${escaped}$`, 'is').test(given));
      }),
      { numRuns },
    );
  });
});
