import fc from 'fast-check';
import { CodedException } from '../../../common/coded-exception.js';
import { parseSearch, type SearchTerm } from './search-syntax.js';

/** As short as it can be told. */
function shown(term: SearchTerm): string {
  const not = term.isNegated ? 'not ' : '';
  if (term.kind === 'text') return `${not}‹${term.text}›`;
  return `${not}${term.key} ${term.values.map(({ comparison, text }) => `${comparison}‹${text}›`).join(' ')}`;
}

describe('parseSearch', () => {
  it.each([
    ['', []],
    ['   ', []],
    ['timeout', ['‹timeout›']],
    ['  connection  timeout ', ['‹connection›', '‹timeout›']],
    ['"connection timeout"', ['‹connection timeout›']],
    ['"a \\"b\\" \\\\ c\\d"', ['‹a "b" \\ c\\d›']],
    ['is:unresolved level:error', ['is =‹unresolved›', 'level =‹error›']],
    ['!is:resolved !timeout !"a b"', ['not is =‹resolved›', 'not ‹timeout›', 'not ‹a b›']],
    ['release:1.2.*', ['release =‹1.2.*›']],
    ['count:>100 users:>=5 count:<3 users:<=9', ['count >‹100›', 'users >=‹5›', 'count <‹3›', 'users <=‹9›']],
    ['first_seen:-24h', ['first_seen =‹-24h›']],
    ['level:[error,warning]', ['level =‹error› =‹warning›']],
    ['level:[ error , "warning" ] x', ['level =‹error› =‹warning›', '‹x›']],
    ['user.name:"Ann Lee"', ['user.name =‹Ann Lee›']],
    ['url:http://a/b', ['url =‹http://a/b›']],
    ['https://example.org/x', ['‹https://example.org/x›']],
    ['TypeError: x', ['‹TypeError:›', '‹x›']],
    ['a::b', ['a =‹:b›']],
    ['! !! !!x', ['‹!›', '‹!!›', '‹!!x›']],
    ['f(x)[0]', ['‹f(x)[0]›']],
    ['word"phrase here"', ['‹word›', '‹phrase here›']],
  ])('reads %s', (text, expected) => {
    expect(parseSearch(text).map(shown)).toEqual(expected);
  });

  it.each([
    ['"open', 'column 1: expected a closing quote to this one'],
    ['x "open', 'column 3: expected a closing quote to this one'],
    ['x ""', 'column 3: expected something between the quotes'],
    ['!level: x', 'column 8: expected a value'],
    ['level:[error', 'column 13: expected a comma or a closing bracket'],
    ['level:[]', 'column 8: expected a value'],
    ['level:[error,]', 'column 14: expected a value'],
    ['level:[error]x', 'column 14: expected a space'],
    ['user:"a"b', 'column 9: expected a space'],
    ['user:a"b"', 'column 7: expected a space'],
    ['count:>', 'column 8: expected a value'],
    [`level:[${'a,'.repeat(25)}b]`, 'column 48: expected 20 values in a list at most'],
    ['x '.repeat(21), 'column 41: expected 20 conditions at most, not 21'],
  ])('refuses %s', (text, message) => {
    expect(() => parseSearch(text)).toThrow(
      expect.objectContaining({ code: 'VALIDATION_FAILED', details: [{ field: 'query', message }] }),
    );
  });

  it('reads or refuses whatever comes, and points into it', () => {
    const part = fc.constantFrom(
      '"',
      '!',
      ':',
      '[',
      ']',
      ',',
      '\\',
      '>',
      '=',
      ' ',
      'level',
      'is',
      'x',
      '日',
      '-24h',
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 40 }), (parts) => {
        const text = parts.join('');
        try {
          for (const { column } of parseSearch(text)) expect(text[column - 1]).toMatch(/\S/);
        } catch (error) {
          if (!(error instanceof CodedException)) throw error;
          const [, column] = /^column (\d+): expected /.exec(error.details![0]!.message)!;
          expect(Number(column)).toBeLessThanOrEqual(text.length + 1);
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it('takes no longer than the text is long', () => {
    const started = performance.now();
    for (const piece of ['"', '!', 'a:', '[', 'a"b" ', '\\"'])
      try {
        parseSearch(piece.repeat(100_000));
      } catch (error) {
        expect(error).toBeInstanceOf(CodedException);
      }
    expect(performance.now() - started).toBeLessThan(2_000);
  });

  it.each([
    ['timeout OR deadlock', 9],
    ['( timeout )', 1],
    ['level:', 7],
    ['timeout is: ', 12],
  ])('refuses %j at column %i: it would mean something else elsewhere', (text, column) => {
    expect(() => parseSearch(text)).toThrow(
      expect.objectContaining({
        details: [expect.objectContaining({ message: expect.stringMatching(`^column ${column}: `) })],
      }),
    );
  });
});
