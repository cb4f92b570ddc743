import fc from 'fast-check';
import { fastest } from '../../../../test/support/fastest.js';
import { CodedException } from '../../../common/coded-exception.js';
import { jsonOf, parseEnvelope } from './envelope.js';
import { reportOfEvent } from './event-report.js';

const RUNS = Number(process.env['FUZZ_RUNS'] ?? 5_000);

const parsed = (text: string | Buffer): unknown => {
  const { header, items } = parseEnvelope(Buffer.from(text));
  return { header, items: items.map(({ type, payload }) => [type, payload.toString()]) };
};

describe('parseEnvelope', () => {
  it.each<[string, string, [string, string][]]>([
    [
      'an item without a length, up to the end of its line',
      '{}\n{"type":"event"}\n{"a":1}\n',
      [['event', '{"a":1}']],
    ],
    ['an item with a length, line feeds included', '{}\n{"type":"x","length":3}\na\nb\n', [['x', 'a\nb']]],
    ['the last item without a line feed', '{}\n{"type":"event"}\n{}', [['event', '{}']]],
    ['the last item with a length and no line feed', '{}\n{"type":"x","length":1}\na', [['x', 'a']]],
    [
      'an empty payload',
      '{}\n{"type":"x","length":0}\n\n{"type":"y"}\nz',
      [
        ['x', ''],
        ['y', 'z'],
      ],
    ],
    [
      'empty lines between items',
      '{}\n\n{"type":"x"}\na\n\n\n{"type":"y"}\nb\n\n',
      [
        ['x', 'a'],
        ['y', 'b'],
      ],
    ],
    [
      'CRLF',
      '{}\r\n{"type":"x","length":1}\r\na\r\n{"type":"y"}\r\n{}',
      [
        ['x', 'a'],
        ['y', '{}'],
      ],
    ],
    ['no items', '{"event_id":"9ec79c33ec9942ab8353589fcb2e04dc"}', []],
  ])('reads %s', (_, text, items) => {
    expect(parsed(text)).toMatchObject({ items });
  });

  it('reads bytes, not characters', () => {
    expect(parsed('{}\n{"type":"x","length":4}\n🙂\n{"type":"y"}\nü')).toMatchObject({
      items: [
        ['x', '🙂'],
        ['y', 'ü'],
      ],
    });
  });

  it.each([
    ['nothing', ''],
    ['a header that is no object', '[]\n'],
    ['a header that is no JSON', 'x\n'],
    ['an item without a type', '{}\n{}\n'],
    ['an item header that is no JSON', '{}\nx\n'],
    ['a length beyond the end', '{}\n{"type":"x","length":5}\na\n'],
    ['a length before the end of the payload', '{}\n{"type":"x","length":1}\nab\n'],
    ['a length that is none', '{}\n{"type":"x","length":-1}\n'],
    ['too many items', `{}\n${'{"type":"x"}\n\n'.repeat(1_001)}`],
  ])('refuses %s', (_, text) => {
    expect(() => parsed(text)).toThrow(expect.objectContaining({ code: 'VALIDATION_FAILED' }));
  });

  it('throws nothing but refusals, whatever it is given, and neither does what reads its events', () => {
    const line = fc.oneof(
      fc.constantFrom(
        '{}',
        '{"type":"event"}',
        '{"type":"event","length":2}',
        '{"type":"check_in"}',
        '',
        '\r',
      ),
      fc.json(),
      fc.string({ unit: 'binary' }),
      anEvent().map((event) => JSON.stringify(event)),
    );
    const text = fc.array(line, { maxLength: 8 }).map((lines) => lines.join('\n'));
    const body = fc.oneof(
      { weight: 4, arbitrary: text.map((each) => Buffer.from(`{}\n${each}`)) },
      { weight: 1, arbitrary: fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)) },
    );
    fc.assert(
      fc.property(body, (bytes) => {
        try {
          for (const { payload } of parseEnvelope(bytes).items) reportOfEvent(jsonOf(payload, 'x'), ORIGIN);
        } catch (error) {
          expect(error).toBeInstanceOf(CodedException);
        }
      }),
      { numRuns: RUNS },
    );
  });

  it('makes a bounded report of any event', () => {
    fc.assert(
      fc.property(anEvent(), (event) => {
        const report = reportOfEvent(event, ORIGIN);
        expect(report.message).not.toBe('');
        expect(Object.keys(report.tags).length).toBeLessThanOrEqual(50);
        expect(() => JSON.stringify(report)).not.toThrow();
      }),
      { numRuns: Math.ceil(RUNS / 5) },
    );
  });

  it.each<[string, (size: number) => Buffer]>([
    ['empty lines', (size) => Buffer.from(`{}${'\n'.repeat(size)}`)],
    ['one long line', (size) => Buffer.from(`{}\n{"type":"x"}\n${'x'.repeat(size)}`)],
    ['brackets', (size) => Buffer.from(`{}\n{"type":"event"}\n${'['.repeat(size)}`)],
    ['short items', (size) => Buffer.from(`{}\n${'{"type":"x"}\n\n'.repeat(Math.min(size / 14, 1_000))}`)],
    ['lengths', (size) => Buffer.from(`{}\n{"type":"x","length":${size - 1}}\n${'{}\n'.repeat(size / 3)}`)],
  ])('takes time linear in the size: a megabyte of %s in 50 ms', (_, bytes) => {
    const given = bytes(1_000_000);
    const time = fastest(() => {
      try {
        parseEnvelope(given);
      } catch {
        // Refused is fine, too: what counts is how soon.
      }
    });
    expect(time).toBeLessThan(50);
  });
});

const ORIGIN = { source: 'shop', eventId: 'a'.repeat(32) };

/** Events with the fields that are read, holding anything. */
function anEvent(): fc.Arbitrary<Record<string, unknown>> {
  const anything = fc.oneof(fc.jsonValue(), fc.string(), fc.constantFrom('__proto__', '{{auto}}', -1, 1e308));
  const frame = fc.dictionary(
    fc.constantFrom('function', 'filename', 'lineno', 'vars', 'pre_context'),
    anything,
  );
  const exception = fc.record({
    type: anything,
    value: anything,
    stacktrace: fc.record({ frames: fc.array(frame) }),
  });
  const field = fc.constantFrom(
    'exception',
    'message',
    'logentry',
    'level',
    'tags',
    'user',
    'request',
    'contexts',
    'breadcrumbs',
    'fingerprint',
    'timestamp',
    'threads',
    'debug_meta',
    'sdk',
    'transaction',
    'platform',
  );
  return fc
    .tuple(fc.dictionary(field, anything), fc.array(exception, { maxLength: 3 }), fc.boolean())
    .map(([event, values, isBare]) => ({
      ...event,
      ...(values.length > 0 && { exception: isBare ? values : { values } }),
    }));
}
