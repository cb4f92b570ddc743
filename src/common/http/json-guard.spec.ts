import fc from 'fast-check';
import { guardJson } from './json-guard.js';

const guard = (text: string): void => guardJson(Buffer.from(text));
const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth);

describe('guardJson', () => {
  it('lets 64 levels through and no more', () => {
    expect(() => guard(nested(64))).not.toThrow();
    expect(() => guard(nested(65))).toThrow(/nested deeper/);
    expect(() => guard('{"a":'.repeat(100_000))).toThrow(/nested deeper/);
  });

  it('does not count brackets inside text', () => {
    expect(() => guard(JSON.stringify({ text: '[{'.repeat(1000) + '\\"[[' }))).not.toThrow();
  });

  it('refuses NUL characters, not the text that spells them', () => {
    expect(() => guard(JSON.stringify({ text: 'a\u0000b' }))).toThrow(/NUL/);
    expect(() => guard(JSON.stringify({ text: 'a\\u0000b' }))).not.toThrow();
    expect(() => guard(JSON.stringify({ text: '\u0001\\' }))).not.toThrow();
  });

  it('lets through whatever JSON of ordinary depth there is', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 8 }), (value) => {
        const text = JSON.stringify(value);
        if (!text.includes('\\u0000')) expect(() => guard(text)).not.toThrow();
      }),
    );
  });
});
