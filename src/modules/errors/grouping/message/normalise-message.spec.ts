import fc from 'fast-check';
import { fastest } from '../../../../../test/support/fastest.js';
import { messageLine as normaliseMessage } from './message-line.js';
import { firstLines } from './normalise-message.js';

describe('normaliseMessage', () => {
  it.each([
    ['User bob@example.com not found', 'User ‹email› not found'],
    ['Request to https://api.example.com/users/1?x=1,2 failed: 500', 'Request to ‹url› failed: ‹number›'],
    ['see (postgres://db:5432/x).', 'see (‹url›).'],
    ['getaddrinfo ENOTFOUND db-3.internal.example.com', 'getaddrinfo ENOTFOUND ‹host›'],
    ['connect to redis.default.svc.cluster.local:6379', 'connect to ‹host›'],
    ['connect ECONNREFUSED 127.0.0.1:5432', 'connect ECONNREFUSED ‹ip›'],
    ['connect ECONNREFUSED ::1:5432', 'connect ECONNREFUSED ‹ip›'],
    ['from 2001:db8::8a2e:370:7334', 'from ‹ip›'],
    ['id 550e8400-e29b-41d4-a716-446655440000', 'id ‹id›'],
    ['trace 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01', 'trace ‹id›'],
    ['sum da39a3ee5e6b4b0d3255bfef95601890afd80709', 'sum ‹id›'],
    ['md5 d41d8cd98f00b204e9800998ecf8427e', 'md‹number› ‹id›'],
    ['object 507f1f77bcf86cd799439011', 'object ‹id›'],
    ['commit 3f2a9c1 failed', 'commit ‹id› failed'],
    ['at 0x7ffe0012 and 0xDEADBEEF', 'at ‹id› and ‹id›'],
    ['customer cus_NffrFeUfNV2Hib', 'customer cus_‹id›'],
    ['nanoid V1StGXR8_Z5jdHi6B-myT', 'nanoid ‹id›'],
    ['ulid 01ARZ3NDEKTSV4RRFFQ69G5FAV', 'ulid ‹id›'],
    ['at 2025-01-20 10:30:00.123', 'at ‹date›'],
    ['at 2025-01-20T10:30:00+01:00', 'at ‹date›'],
    ['at Mon Nov 23 2026 10:11:12 GMT+0100 (Central European Standard Time)', 'at ‹date›'],
    ['at Mon, 23 Nov 2026 10:11:12 GMT', 'at ‹date›'],
    ['[23/Nov/2026:10:11:12 +0000] GET', '[‹date›] GET'],
    ['Nov 23 10:11:12 host', '‹date› host'],
    ['timeout of 5000ms exceeded', 'timeout of ‹duration› exceeded'],
    ['took 1.5 s', 'took ‹duration›'],
    ['took 90 seconds', 'took ‹duration›'],
    ['heap of 1.5GiB, then 12 MB', 'heap of ‹size›, then ‹size›'],
    ['-5, 3.14, 1e-7, 50%', '‹number›'],
    ['ids 1, 2, 3', 'ids ‹number›'],
    ['total 1,234,567', 'total ‹number›'],
    ['version v1.2.3 of 1.2.3-beta.1', 'version ‹version› of ‹version›'],
    ["name='bob smith' age=42", 'name=‹text› age=‹number›'],
    ['active=true owner=null', 'active=‹flag› owner=‹flag›'],
    ['price $5.00', 'price $‹number›'],
    ['the ٤٢ items', 'the ‹number› item'],
    ['3rd of 21st', '‹number› of ‹number›'],
    ['2 validation errors for Order', '‹number› validation error for Order'],
    ['dial tcp [::1]:5432: refused', 'dial tcp ‹ip›: refused'],
    ['Key (sku)=(AB-17) already exists.', 'Key (sku)=(‹text›) already exists.'],
    ['insert into t (a, b) values (ada, 17)', 'insert into t (a, b) values (‹text›)'],
    ['ClientConnectionId:7c9e6679-7425-40de-944b-e07fc1f90ae7', 'ClientConnectionId:‹id›'],
    ["open '/tmp/tmpx9_kq2lp/a.pdf'", "open '/tmp/‹id›/a.pdf'"],
    ['parsing "abc": invalid syntax', 'parsing ‹text›: invalid syntax'],
    ['"\\xE9" from ASCII', '‹text› from ASCII'],
    ['ok=true done=False x=none', 'ok=‹flag› done=‹flag› x=‹flag›'],
    ['sha256 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08', 'sha‹number› ‹id›'],
  ])('%s → %s', (message, normalised) => {
    expect(normaliseMessage(message)).toBe(normalised);
  });

  describe('is not taken in', () => {
    it.each([
      'items.at is not a function',
      'user.id is not defined',
      'this.state.items.map is not a function',
      'window.app.io is not a function',
      'Foo::bar() failed',
      'Ada::bad failed',
      "Cannot read properties of undefined (reading 'name')",
      "'NoneType' object has no attribute 'foo'",
      'relation "users" does not exist',
      'null value in column "name" of relation "users" violates not-null constraint',
      'called `Option::unwrap()` on a `None` value',
      'java.lang.NullPointerException: null',
      'org.springframework.web.util.NestedServletException',
      'No module named foo.bar.baz',
      'socket.io is down and so is asp.net',
      'utf8Encode of i18n in oauth2Client',
      'Cannot invoke "com.acme.Cart.total()" because "cart" is null',
      'getUserByIdOrNull in SequelizeUniqueConstraintError',
    ])('%s', (message) => {
      expect(normaliseMessage(message)).toBe(message);
    });
  });

  it.each([
    ['tenant_42 not found', 'tenant_7 not found'],
    ["User 'alice' not found", "User 'bob' not found"],
    ["Duplicate entry 'bob@x.com' for key 'users.email'", "Duplicate entry 'eve' for key 'users.email'"],
    ['password authentication failed for user "bob"', 'password authentication failed for user "eve"'],
    ["open '/home/bob/up_99/x.json'", "open '/home/eve/up_1/x.json'"],
    ['{"user": "alice", "id": 42}', '{"user": "bob", "id": 7}'],
    ['Product "Blue Shirt" out of stock', 'Product "Red Hat (XL)" out of stock'],
    ['/users/7/photo', '/users/123/photo'],
    ['job-7f3k9x2 failed', 'job-1a2b3c4d5 failed'],
  ])('%s is the same problem as %s', (one, other) => {
    expect(normaliseMessage(one)).toBe(normaliseMessage(other));
  });

  it('reads the first two lines that hold something', () => {
    expect(normaliseMessage('\n\n first 1 \r\n\n second 2\nthird 3')).toBe(
      'first ‹number› ‹br› second ‹number›',
    );
  });

  it('cannot be made to forge a placeholder', () => {
    expect(normaliseMessage('user ‹number›')).not.toBe(normaliseMessage('user 42'));
    expect(normaliseMessage('a ‹br› b')).not.toBe(normaliseMessage('a\nb'));
  });

  it('does not depend on the kind of white space', () => {
    expect(normaliseMessage('a\u00a0b  c\td')).toBe('a b c d');
  });
});

const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 300 }),
  fc.string({ unit: 'grapheme', maxLength: 300 }),
  fc
    .array(
      fc.constantFrom(
        'a',
        '1',
        "'",
        '"',
        '`',
        '=',
        '.',
        ':',
        '@',
        ' ',
        '/',
        '-',
        '\n',
        '‹',
        '›',
        'x://',
        '\ud800',
        'jan',
      ),
      { maxLength: 200 },
    )
    .map((parts) => parts.join('')),
);

describe('normaliseMessage, whatever it is given', () => {
  it('never throws, and says the same each time', () => {
    fc.assert(
      fc.property(text, (message) => {
        expect(normaliseMessage(message)).toBe(normaliseMessage(message));
      }),
      { numRuns: 2_000 },
    );
  });

  const sentence = fc.array(
    fc.constantFrom('user', 'failed', 'for', 'tenant', 'the', 'order', 'limit', 'of'),
    { minLength: 1, maxLength: 8 },
  );
  const varying = fc.oneof(
    fc.nat().map(String),
    fc.uuid(),
    fc.ipV4(),
    fc.emailAddress({ size: 'small' }).filter((address) => /^[\w.]+@[\w.-]+$/.test(address)),
    fc.date({ min: new Date(0), max: new Date(4e12), noInvalidDate: true }).map((date) => date.toISOString()),
    fc.nat().map((number) => `0x${number.toString(16)}`),
    fc.nat().map((number) => `${number}ms`),
    fc.nat().map((number) => `order_${number}`),
  );

  it('is the same for two values of a kind in the same place', () => {
    const kinds = [
      fc.nat().map(String),
      fc.uuid(),
      fc.ipV4(),
      fc.nat().map((n) => `${n}ms`),
      fc.nat().map((n) => `order_${n}`),
      fc.float({ noNaN: true, noDefaultInfinity: true }).map((n) => n.toFixed(2)),
    ];
    fc.assert(
      fc.property(
        fc.constantFrom(...kinds).chain((kind) => fc.tuple(kind, kind)),
        sentence,
        sentence,
        ([one, other], before, after) => {
          const say = (value: string): string => normaliseMessage([...before, value, ...after].join(' '));
          expect(say(one)).toBe(say(other));
        },
      ),
    );
  });

  it('lets no digit through that stands in a value', () => {
    fc.assert(
      fc.property(sentence, varying, (words, value) => {
        expect(normaliseMessage([...words, value].join(' '))).not.toMatch(/\d/);
      }),
    );
  });

  it('takes time linear to its input: a megabyte of anything within 50 ms', () => {
    const megabyte = (unit: string): string => unit.repeat(Math.ceil(1e6 / unit.length));
    const units = [
      'a',
      "'a ",
      '"',
      '1 ',
      '.',
      'a.',
      '\n',
      ' \n',
      'a@',
      '1:',
      "'x'",
      '‹number›',
      'x://',
      '1 jan ',
      '2020-01-01 ',
      "a'",
      '=""',
      '0x',
      '1s',
      '1.1',
      'a1',
      '((',
      '\u0661',
      '\ud800',
      '/home/',
      '1, ',
    ];
    const slow = units.filter((unit) => {
      const message = megabyte(unit);
      return fastest(() => normaliseMessage(message)) > 50;
    });
    expect(slow).toEqual([]);
  });
});

describe('firstLines', () => {
  it('trims, skips empty lines and cuts long ones', () => {
    expect(firstLines(`\n  a \n\n${'b'.repeat(2_000)}\nc`, 2)).toEqual(['a', 'b'.repeat(1_000)]);
  });

  it('is content with less than it was asked for', () => {
    expect(firstLines('', 3)).toEqual([]);
    expect(firstLines('only', 3)).toEqual(['only']);
  });
});
