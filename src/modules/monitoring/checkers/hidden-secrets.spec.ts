import { hideSecrets } from './hidden-secrets.js';

const NOTHING = { headers: {}, auth: null, options: {} };
const hide = (text: string, target: object, secret: string[] = []) =>
  hideSecrets(text, { ...NOTHING, ...target }, secret);

describe('secrets in what a check has found', () => {
  it.each([
    ['a header', { headers: { 'X-Key': 'k3y-of-mine' } }, 'got "k3y-of-mine"', 'got "[hidden]"'],
    ['a part of a header', { headers: { Authorization: 'Token abcdefghij' } }, 'abcdefghij', '[hidden]'],
    ['a cookie', { headers: { Cookie: 'a=1; sid=abcdefgh12==' } }, 'sid: abcdefgh12==', 'sid: [hidden]'],
    ['a password', { auth: { type: 'basic', username: 'u', password: 'pass' } }, 'u/pass', 'u/[hidden]'],
    ['basic', { auth: { type: 'basic', username: 'u', password: 'pass' } }, 'dTpwYXNz', '[hidden]'],
    ['a token', { auth: { type: 'bearer', token: 'a.b+c|d' } }, 'x a.b+c|d y', 'x [hidden] y'],
    ['a quoted one', { auth: { type: 'bearer', token: 'a"b"c"d' } }, '"a\\"b\\"c\\"d"', '"[hidden]"'],
    ['one in an address', { auth: { type: 'bearer', token: 'a/b=c&d' } }, 'a%2Fb%3Dc%26d', '[hidden]'],
    ['one that is cut off', { auth: { type: 'bearer', token: 'secretive' } }, 'it is secr', 'it is [hidden]'],
    ['a short one', { headers: { Accept: '*/*' }, auth: null }, 'sent */*', 'sent */*'],
    ['the marker', { headers: { a: 'hidden', b: 'long hidden' } }, 'long hidden', '[hidden]'],
  ])('%s', (_, target, text, expected) => {
    expect(hide(text, target)).toBe(expected);
  });

  it('options, however deep, and the credentials of a proxy', () => {
    const options = {
      proxy: 'http://me:p%40ss@proxy.test:3128',
      client_certificate: { passphrase: 'open sesame' },
      query: 'SELECT 1',
    };
    const names = ['proxy', 'client_certificate'];
    expect(hide('p@ss p%40ss open sesame SELECT 1', { options }, names)).toBe(
      '[hidden] [hidden] [hidden] SELECT 1',
    );
    expect(hide(Buffer.from('me:p@ss').toString('base64'), { options }, names)).toBe('[hidden]');
  });
});
