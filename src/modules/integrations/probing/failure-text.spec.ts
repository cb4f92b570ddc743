import { failureText, withoutSecrets } from './failure-text.js';

describe('withoutSecrets', () => {
  const password = 'pass/word+&';
  const hook = 'https://hooks.example/services/T0ABCDEFG/B0HIJKLMN/0pqrstuvwxyz?sig=abcdefghijkl';

  it.each([
    ['as it is', `535 ${password} is wrong`, '535 [hidden] is wrong'],
    ['in a URL', `GET /?p=${encodeURIComponent(password)}`, 'GET /?p=[hidden]'],
    ['in basic authentication', Buffer.from(password).toString('base64'), /^\[hidden\]=*$/],
  ])('hides a secret %s', (_, text, clean) => {
    expect(withoutSecrets(text, [password])).toEqual(
      typeof clean === 'string' ? clean : expect.stringMatching(clean),
    );
  });

  it('hides a secret that a server repeats in JSON', () => {
    expect(withoutSecrets(JSON.stringify({ key: 'say "ä\\n"' }), ['say "ä\\n"'])).toBe('{"key":"[hidden]"}');
  });

  it('hides an address, and what of it gives it away', () => {
    const url = new URL(hook);
    for (const part of [hook, url.pathname + url.search, url.pathname, '0pqrstuvwxyz', 'abcdefghijkl']) {
      expect(withoutSecrets(`no ${part}.`, [hook])).toBe('no [hidden].');
    }
    expect(withoutSecrets('no services at hooks.example', [hook])).toBe('no services at hooks.example');
  });

  it('leaves other text alone, and shortens what is long', () => {
    expect(withoutSecrets('Connection refused', [password, hook, 'x'])).toBe('Connection refused');
    expect(withoutSecrets('x'.repeat(1_000), [])).toHaveLength(300);
  });

  it('hides a secret before it shortens, so that no half of one is left', () => {
    expect(withoutSecrets(`${'.'.repeat(295)}${password}`, [password])).toBe(`${'.'.repeat(295)}[hidd`);
  });
});

describe('failureText', () => {
  it('lets the first of several addresses speak', () => {
    const refused = Object.assign(new Error('connect'), { code: 'ECONNREFUSED' });
    expect(failureText(new AggregateError([refused, new Error('other')]))).toEqual({
      error: 'Connection refused',
      unmeasured: false,
    });
  });

  it('does not blame the service for what this machine lacks', () => {
    expect(failureText(Object.assign(new Error('open'), { code: 'EMFILE' }))).toMatchObject({
      unmeasured: true,
    });
  });
});
