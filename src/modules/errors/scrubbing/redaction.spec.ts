import fc from 'fast-check';
import { redactContext } from './redaction.js';

describe('redactContext', () => {
  it.each([
    'password',
    'user_password',
    'Passwd',
    'secret',
    'client-secret',
    'api_key',
    'X-Api-Key',
    'apiKey',
    'auth',
    'Authorization',
    'credentials',
    'mysql_pwd',
    'privateKey',
    'private_key',
    'access_token',
    'otp',
    'two-factor',
    'csrftoken',
    'X-XSRF-TOKEN',
    'PHPSESSID',
    'connect.sid',
    'cookie',
    'Set-Cookie',
    'ssn',
    'cvv',
  ])('filters what stands under %s', (key) => {
    expect(redactContext({ [key]: 'x' })).toEqual({ [key]: '[Filtered]' });
    expect(redactContext({ deep: [{ [key]: { any: 'thing' } }] })).toEqual({
      deep: [{ [key]: '[Filtered]' }],
    });
  });

  it.each([
    'user_id',
    'session_id',
    'sessionId',
    'request_id',
    'author',
    'authors',
    'key',
    'passage',
    'email',
    'pinned',
  ])('leaves what stands under %s', (key) => {
    expect(redactContext({ [key]: 'abc-def' })).toEqual({ [key]: 'abc-def' });
  });

  it('says of a secret whether there was one', () => {
    expect(redactContext({ token: null, authenticated: true })).toEqual({ token: null, authenticated: true });
  });

  it('filters session cookies among cookies', () => {
    expect(redactContext({ cookies: { sid: '1', theme: 'dark', laravel_session: 'z' } })).toEqual({
      cookies: { sid: '[Filtered]', theme: 'dark', laravel_session: '[Filtered]' },
    });
  });

  it('replaces secrets inside texts and numbers', () => {
    expect(redactContext({ list: ['Bearer abc123def456', 4111111111111111], at: 1732331472123 })).toEqual({
      list: ['Bearer [Filtered]', '[card]'],
      at: 1732331472123,
    });
  });

  it('makes text storable', () => {
    expect(redactContext({ 'k\ud800': 'a\udc00b\0c', ok: '🙂' })).toEqual({
      'k\ufffd': 'a\ufffdb\ufffdc',
      ok: '🙂',
    });
  });

  it('does not let a key set the prototype', () => {
    const copy = redactContext(
      JSON.parse('{"__proto__": {"polluted": true}, "a": {"__proto__": 1}}') as Record<string, unknown>,
    );
    expect(copy).toEqual({ a: {} });
    expect(Object.getPrototypeOf(copy)).toBe(Object.prototype);
  });

  it('bounds depth, entries and length', () => {
    const nest = (levels: number): unknown => (levels === 0 ? 'core' : { in: nest(levels - 1) });
    expect(JSON.stringify(redactContext({ nest: nest(60) })).length).toBeLessThan(200);
    expect(redactContext({ list: Array.from({ length: 500 }, (_, index) => index) })['list']).toHaveLength(
      101,
    );
    expect(redactContext({ text: 'x'.repeat(20_000) })['text']).toMatch(
      /^x{8192}… \[11808 more characters\]$/,
    );
  });

  it('is bounded, well-formed and complete JSON, whatever it is given', () => {
    const wild = fc.object({
      maxDepth: 10,
      maxKeys: 20,
      key: fc.string({ unit: 'binary' }),
      values: [
        fc.string({ unit: 'binary' }),
        fc.integer(),
        fc.boolean(),
        fc.constant(null),
        fc.constant('x'.repeat(10_000)),
      ],
    });
    fc.assert(
      fc.property(wild, (context) => {
        const json = JSON.stringify(redactContext(context));
        expect(json.length).toBeLessThan(250_000);
        expect(json).not.toMatch(/\\ud[89a-f]|\\u0000/);
      }),
      { numRuns: 300 },
    );
  });

  it('leaves its argument as it was', () => {
    const context = { password: 'x', nested: { token: 'y' } };
    redactContext(context);
    expect(context).toEqual({ password: 'x', nested: { token: 'y' } });
  });
});
