import fc from 'fast-check';
import { fastest } from '../../../../test/support/fastest.js';
import { DEFAULT_MESSAGE_RULES, DEFAULT_VALUE_RULES, isCardNumber, redactText } from './redact-text.js';

const redactMessage = (text: string) => redactText(text, DEFAULT_MESSAGE_RULES);
const redactValue = (text: string) => redactText(text, DEFAULT_VALUE_RULES);

describe('redactMessage', () => {
  it.each([
    ['User bob@example.com not found', 'User [email] not found'],
    ['paid with 4111 1111 1111 1111 ok', 'paid with [card] ok'],
    ['card 378282246310005', 'card [card]'],
    ['to DE89 3704 0044 0532 0130 00 now', 'to [iban] now'],
    ['to GB82WEST12345698765432', 'to [iban]'],
    ['ssn 078-05-1120', 'ssn [ssn]'],
    ['Authorization: Bearer abc.def-123456', 'Authorization: Bearer [Filtered]'],
    ['4111111111111111bearer abc123def456', '[card]bearer [Filtered]'],
    ['Authorization: Basic dXNlcjpwYXNz', 'Authorization: Basic [Filtered]'],
    ['postgres://user:p@ss@db:5432/x', 'postgres://[Filtered]@db:5432/x'],
    ['GET /x?token=abc&a=1&password="x y"', 'GET /x?token=[Filtered]&a=1&password="[Filtered]"'],
    [
      `{"password": "hun", 'api_key' => 'zz', "pin":1234}`,
      `{"password": "[Filtered]", 'api_key' => '[Filtered]', "pin":[Filtered]}`,
    ],
    ['q=password=a=b&c=1', 'q=password=[Filtered]&c=1'],
    ['jwt eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.sig', 'jwt [Filtered]'],
    ['key AKIAIOSFODNN7EXAMPLE', 'key [Filtered]'],
    ['key sk_live_4eC39HqLyjWDarjtT1zdp7dc', 'key [Filtered]'],
    ['a -----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY----- b', 'a [pem] b'],
    ['a -----BEGIN CERTIFICATE-----\ncut off', 'a [pem]'],
    ['password: hunter2', 'password: [Filtered]'],
    ['password = hunter2, user = bob', 'password = [Filtered], user = bob'],
    ['{user:bob,password:hunter2}', '{user:bob,password:[Filtered]}'],
    ['X-Api-Key: abc.def/123==\nHost: a', 'X-Api-Key: [Filtered]\nHost: a'],
    ['Authorization: Token abc def\nHost: a', 'Authorization: Token [Filtered]\nHost: a'],
    ['Cookie: theme=dark; sid=abc\nHost: a', 'Cookie: [Filtered]\nHost: a'],
    [`curl -H 'Cookie: sid=abc' https://a.b`, `curl -H 'Cookie: [Filtered]' https://a.b`],
    [String.raw`"GET /\r\nCookie: sid=abc" failed`, String.raw`"GET /\r\nCookie: [Filtered]" failed`],
    [
      String.raw`{\"password\": \"hun\\\"ter2\", \"a\": 1}`,
      String.raw`{\"password\": \"[Filtered]\", \"a\": 1}`,
    ],
    ['password="hunter2 cut off', 'password="[Filtered]'],
    [String.raw`password='a\'b' c`, `password='[Filtered]' c`],
    [String.raw`password="a\\" c`, `password="[Filtered]" c`],
    ['[password] => hunter2\n[user] => bob', '[password] => [Filtered]\n[user] => bob'],
    ['user[password]=hunter2&a=1', 'user[password]=[Filtered]&a=1'],
    ['Incorrect API key: abc123', 'Incorrect API key: [Filtered]'],
    [`{ auth: 'bob:hunter2', a: 1 }`, `{ auth: '[Filtered]', a: 1 }`],
    [
      `{"Set-Cookie": ["a=b", "c=d"], "x": ["y"]}`,
      `{"Set-Cookie": ["[Filtered]", "[Filtered]"], "x": ["y"]}`,
    ],
    ['token: Bearer abc', 'token: Bearer [Filtered]'],
    [`password=${'x'.repeat(9_000)}`, 'password=[Filtered]'],
  ])('%s → %s', (text, redacted) => {
    expect(redactMessage(text)).toBe(redacted);
  });

  it.each([
    'Bearer authentication required',
    'Basic authentication failed',
    'order 2000000000000002 and 1732331472123',
    'order 4111111111111112',
    'author=bob authority=x page=2',
    'fn@https://host.example.com/a.js:1:2',
    'at x (/app/node_modules/.pnpm/foo@1.2.3/index.js:1:2)',
    'AB12 CDEF 3456 7890 is no account',
    'range 900-20-3000 and 2026-11-23 10:11:12.123456',
    'https://example.com:8080/a@b?c=d',
    `TypeError: Cannot read properties of undefined (reading 'token')`,
    'Error: token: expected string',
    'Unexpected token: <',
    'SyntaxError: Unexpected token: identifier (x)',
    'TokenExpiredError: jwt expired',
    'com.example.AuthException: Bad user',
    'AuthService: login failed',
    '[auth]: login failed',
    'oauth2: cannot reach the server',
    'at Auth.login (/srv/app/auth.service.ts:42:11)',
    'at token (/srv/app/token:42:11)',
    'https://auth.example.com:8443/auth',
    'connect ECONNREFUSED auth:8080',
    'auth::session::Error',
    'token => token.id is not a function',
    'password: ***',
    'Missing required parameter: token',
    'if (token === undefined)',
  ])('leaves %s', (text) => {
    expect(redactMessage(text)).toBe(text);
  });

  it('leaves e-mail addresses in values of the context', () => {
    expect(redactValue('bob@example.com 4111111111111111')).toBe('bob@example.com [card]');
  });

  it('lets no secret through, wherever it stands', () => {
    const secret = fc.constantFrom(
      '4111111111111111',
      'DE89370400440532013000',
      '078-05-1120',
      'bob@example.com',
      'Bearer s3cr3t-t0k3n',
      'mysql://root:hunter2@db/x',
      'password=hunter2',
    );
    const word = fc.constantFrom('a', 'the', 'failed:', '(', '[x]', 'für', '日本', '🙂', '\n');
    fc.assert(
      fc.property(fc.array(word), secret, fc.array(word), (before, value, after) => {
        const redacted = redactMessage([...before, value, ...after].join(' '));
        for (const part of ['4111', '3704', '1120', 'bob@', 's3cr3t', 'hunter2'])
          expect(redacted).not.toContain(part);
        for (const kept of [...before, ...after]) expect(redacted).toContain(kept);
      }),
    );
  });

  it('never throws, and changes nothing the second time', () => {
    const part = fc.constantFrom(
      'a',
      '1',
      '-',
      '=',
      '"',
      "'",
      ':',
      '@',
      '.',
      ' ',
      '://',
      'bearer ',
      '-----BEGIN ',
      '-----END ',
      '-----',
      'password',
      'cookie: ',
      'token ',
      'null',
      '[Filtered]',
      ']',
      '\\',
      '\n',
      '4111111111111111',
      '\ud800',
      '\0',
    );
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 300 }),
      fc.array(part, { maxLength: 80 }).map((parts) => parts.join('')),
    );
    fc.assert(
      fc.property(text, (given) => {
        const once = redactMessage(given);
        expect(redactMessage(once)).toBe(once);
      }),
      { numRuns: 2_000 },
    );
  });

  it('takes time linear to its input: a megabyte of anything within 250 ms', () => {
    const units = [
      '1 ',
      '1',
      '1-',
      'a=',
      '://a:',
      'bearer ',
      '-----BEGIN ',
      '-----BEGIN A-----END ',
      'AB12 ',
      'a@',
      'a.',
      '"a":',
      '"a":"',
      'eyJ',
      '1-11-1',
      '="',
      'basic a',
      'DE89 3704 ',
      'eyJaaaaaaaa.',
      'a@a.',
      'eyJ-',
      'password="',
      'password=\\"',
      `password='\\'`,
      'password: ',
      'token:',
      'token: expected ',
      '"cookie: ',
      'cookie: \n',
      'authorization: bearer ',
      '\\',
      'api ',
      'token:<',
      'token=[',
      'token=["',
      'token=["a",',
    ];
    const slow = units.filter((unit) => {
      const text = unit.repeat(Math.ceil(1e6 / unit.length));
      return fastest(() => redactMessage(text)) > 250;
    });
    expect(slow).toEqual([]);
  });
});

describe('isCardNumber', () => {
  it.each([
    '4111111111111111',
    '5555555555554444',
    '2223003122003222',
    '378282246310005',
    '6011111111111117',
    '3530111333300000',
    '30569309025904',
  ])('%s is one', (number) => {
    expect(isCardNumber(number)).toBe(true);
  });

  it.each(['4111111111111112', '1111111111111117', '411111111111', '9999999999999995'])(
    '%s is none',
    (number) => {
      expect(isCardNumber(number)).toBe(false);
    },
  );
});
