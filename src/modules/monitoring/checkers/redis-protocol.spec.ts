import fc from 'fast-check';
import { encodeCommand, NotRedis, readReplies, RedisError, type Reply } from './redis-protocol.js';

const read = (text: string): Reply[] => readReplies(Buffer.from(text));

describe('the protocol of Redis', () => {
  it('counts bytes, not characters', () => {
    expect(encodeCommand(['AUTH', 'pä ss'])).toBe('*2\r\n$4\r\nAUTH\r\n$6\r\npä ss\r\n');
  });

  it.each<[string, Reply[]]>([
    ['+PONG\r\n', ['PONG']],
    ['+OK\r\n-ERR no\r\n:-7\r\n', ['OK', new RedisError('ERR no'), -7]],
    ['$5\r\na\r\nbc\r\n$-1\r\n*-1\r\n', ['a\r\nbc', null, null]],
    ['*2\r\n$6\r\nmaster\r\n*1\r\n*0\r\n', [['master', [[]]]]],
    ['+OK\r\n+PO', ['OK']],
    ['*2\r\n:1\r\n', []],
    ['$5\r\nabc', []],
  ])('reads %j', (text, replies) => {
    expect(read(text)).toEqual(replies);
  });

  it.each([
    'HTTP/1.1 200 OK\r\n',
    ':one\r\n',
    '$-2\r\n',
    '*99999999\r\n',
    '$99999999\r\n',
    '*1\r\n'.repeat(50),
  ])('does not take %j for a reply', (text) => {
    expect(() => read(text)).toThrow(NotRedis);
  });

  it('ends with replies or a refusal, whatever comes', () => {
    const pieces = fc.constantFrom('+', '-', ':', '$', '*', '\r\n', '\r', '1', '3', '-1', 'OK', '\0');
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 40 }), (parts) => {
        try {
          expect(Array.isArray(read(parts.join('')))).toBe(true);
        } catch (error) {
          expect(error).toBeInstanceOf(NotRedis);
        }
      }),
    );
  });
});
