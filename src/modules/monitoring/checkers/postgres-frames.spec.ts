import fc from 'fast-check';
import { NotPostgres, PostgresFrames } from './postgres-frames.js';

function message(letter: string, body: Buffer): Buffer {
  const header = Buffer.alloc(5);
  header.write(letter);
  header.writeUInt32BE(body.length + 4, 1);
  return Buffer.concat([header, body]);
}

const LOGIN = message('R', Buffer.from([0, 0, 0, 0]));
const ERROR = message('E', Buffer.from('SFATAL\0C28000\0Mno\0\0'));

describe('PostgresFrames', () => {
  it('passes complete messages on, however they are cut', () => {
    const all = Buffer.concat([LOGIN, ERROR, message('N', Buffer.from([0])), LOGIN]);
    fc.assert(
      fc.property(fc.array(fc.nat({ max: all.length }), { maxLength: 10 }), (cuts) => {
        const frames = new PostgresFrames();
        const edges = [0, ...cuts.sort((a, b) => a - b), all.length];
        const parts = edges.slice(1).map((edge, index) => all.subarray(edges[index], edge));
        const passed = parts.filter(({ length }) => length > 0).map((part) => frames.add(part));
        expect(Buffer.concat(passed)).toEqual(all);
      }),
    );
  });

  it.each([
    ['what does not begin as a server does', Buffer.from('HTTP/1.1 400')],
    ['an error without an end', message('E', Buffer.from('Mno\0'))],
    ['an error with a text without an end', message('E', Buffer.from('Mno'))],
    ['an empty notice', message('N', Buffer.alloc(0))],
    ['a message shorter than its own length', Buffer.from([0x52, 0, 0, 0, 3])],
  ])('does not pass %s', (_, received) => {
    expect(() => new PostgresFrames().add(received)).toThrow(NotPostgres);
  });
});
