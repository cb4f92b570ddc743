import * as fc from 'fast-check';
import { substitute } from './substitute.js';

const ENVIRONMENT = { HOST: 'db.internal', EMPTY: '' };

describe('substituting environment variables', () => {
  it.each([
    ['https://${HOST}/', 'https://db.internal/', []],
    ['${HOST}:${PORT:-5432}', 'db.internal:5432', []],
    ['${HOST:-other}', 'db.internal', []],
    ['${EMPTY:-filled}', 'filled', []],
    ['[${EMPTY}]', '[]', []],
    ['${NONE}', '${NONE}', ['NONE']],
    ['${NONE:-}', '', []],
    ['$${HOST}', '${HOST}', []],
    ['costs $5 {really}', 'costs $5 {really}', []],
    ['${not a name}', '${not a name}', []],
  ])('%s', (given, text, missing) => {
    expect(substitute(given, ENVIRONMENT)).toEqual({ text, missing });
  });

  it('never looks into what it has put in', () => {
    fc.assert(
      fc.property(fc.string(), (value) => {
        expect(substitute('<${X}>', { X: value, HOST: 'inner' }).text).toBe(`<${value}>`);
      }),
    );
  });
});
