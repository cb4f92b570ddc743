import { reportOfEvent } from './event-report.js';

const of = (event: Record<string, unknown>, more = {}) =>
  reportOfEvent(event, { source: 'shop', eventId: 'a'.repeat(32), ipAddress: '198.51.100.7', ...more });

const frames = (...functions: string[]) => ({
  frames: functions.map((name, index) => ({
    function: name,
    filename: 'app.js',
    lineno: index + 1,
    in_app: true,
  })),
});

describe('an event of a Sentry SDK as a report', () => {
  it('takes a value that is nested too deeply to be written for none', () => {
    const value = JSON.parse('['.repeat(100_000) + ']'.repeat(100_000)) as unknown;
    const event = { exception: { values: [{ type: 'TypeError', value }] } };
    expect(reportOfEvent(event, { source: 'shop', eventId: '0'.repeat(32) }).message).toBe('TypeError');
  });

  it('names the exception that was caught, with its causes below, the call that failed first', () => {
    const report = of({
      exception: {
        values: [
          { type: 'OsError', value: 'disk full', stacktrace: frames('main', 'write') },
          { type: 'SaveError', value: 'cannot save', stacktrace: frames('main', 'save') },
        ],
      },
      platform: 'node',
    });
    expect(report).toMatchObject({
      message: 'SaveError: cannot save',
      culprit: 'save (app.js)',
      platform: 'node',
      level: 'error',
      frames: [
        { function: 'save', lineno: 2 },
        { function: 'main', lineno: 1 },
      ],
    });
    expect(report.stack_trace).toBe(
      [
        'SaveError: cannot save',
        '    at save (app.js:2)',
        '    at main (app.js:1)',
        'Caused by: OsError: disk full',
        '    at write (app.js:2)',
        '    at main (app.js:1)',
      ].join('\n'),
    );
    expect(report.details).toMatchObject({ exceptions: [{ type: 'SaveError' }, { type: 'OsError' }] });
    expect((report.details!['exceptions'] as { frames: unknown }[])[0]!.frames).toBe(report.frames);
  });

  it('takes an exception without a type for a message, and groups it by that alone', () => {
    const value = { value: 'Hello', mechanism: { synthetic: true }, stacktrace: frames('main') };
    expect(of({ message: 'Hello', exception: { values: [value] } })).toMatchObject({
      message: 'Hello',
      stack_trace: null,
      frames: null,
      details: { exceptions: [{ value: 'Hello', frames: [{ function: 'main' }] }] },
    });
  });

  it.each([
    [{ message: 'plain' }, 'plain'],
    [{ message: { formatted: 'a 1', message: 'a %s' } }, 'a 1'],
    [{ logentry: { message: 'a %s', params: [1] } }, 'a %s'],
    [{ exception: [{ type: 'Error' }] }, 'Error'],
    [{ exception: [{ type: 'Error', value: { a: 1 } }] }, 'Error: {"a":1}'],
    [{ transaction: 'GET /' }, 'GET /'],
    [{}, 'Event without a message'],
  ])('%j says %s', (event, message) => {
    expect(of(event).message).toBe(message);
  });

  it('keeps what it was fatal, and what was logged beside an exception', () => {
    const event = {
      level: 'fatal',
      logentry: { formatted: 'while saving' },
      exception: [{ type: 'E', value: 'x' }],
    };
    expect(of(event)).toMatchObject({ level: 'error', context: { level: 'fatal', message: 'while saving' } });
  });

  it('finds tags in maps and pairs, and in what contexts say', () => {
    const contexts = {
      browser: { name: 'Firefox', version: '128.0' },
      os: { name: 'Linux' },
      runtime: { name: 'node', version: 'v20.1.0' },
    };
    expect(
      of({ tags: { a: 1, os: 'mine', b: null }, contexts, server_name: 'web-1', dist: '7' }).tags,
    ).toEqual({
      a: '1',
      os: 'mine',
      'os.name': 'Linux',
      browser: 'Firefox 128.0',
      'browser.name': 'Firefox',
      runtime: 'node v20.1.0',
      'runtime.name': 'node',
      server_name: 'web-1',
      dist: '7',
    });
    expect(of({ tags: [['a', 'x'], ['b', true], 'c', [{}, 1]] }).tags).toEqual({ a: 'x', b: 'true' });
  });

  it('reads the browser from the request', () => {
    const agent =
      'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36';
    const report = of({ request: { url: 'https://x.example/a', headers: [['User-Agent', agent]] } });
    expect(report).toMatchObject({
      url: 'https://x.example/a',
      user_agent: agent,
      tags: { browser: 'Chrome 126.0.0.0', os: 'Windows 10.0' },
      context: { request: { url: 'https://x.example/a', method: null } },
    });
    expect(of({}, { userAgent: agent }).tags).toMatchObject({ browser: 'Chrome 126.0.0.0' });
    expect(of({}, { userAgent: 'node' }).tags).toEqual({});
  });

  it('turns pairs and cookies into maps, so that names say what is secret', () => {
    const request = { headers: [['Authorization', 'x']], cookies: 'sid=1; theme=dark', env: { A: 1 } };
    expect(of({ request }).details!['request']).toEqual({
      headers: { Authorization: 'x' },
      cookies: { sid: '1', theme: 'dark' },
      env: { A: 1 },
    });
  });

  it.each([
    [{ user: { id: 7, ip_address: '{{auto}}' } }, { id: '7', ip_address: '198.51.100.7' }],
    [
      { user: { id: 7 }, sdk: { settings: { infer_ip: 'auto' } } },
      { id: '7', ip_address: '198.51.100.7' },
    ],
    [
      { user: { email: 'a@b.example', ip_address: '203.0.113.1' } },
      { email: 'a@b.example', ip_address: '203.0.113.1' },
    ],
    [{ user: { id: 7 } }, { id: '7', ip_address: null }],
    [{ user: {} }, null],
    [{}, null],
  ])('%j hit %j', (event, user) => {
    const { user: found } = of(event);
    if (user === null) expect(found).toBeNull();
    else expect(found).toMatchObject(user);
  });

  it.each([
    [
      ['a', 1, '{{ default }}'],
      ['a', '1', '{{ default }}'],
    ],
    [['{{ default }}'], null],
    ['a', null],
    [[], null],
  ])('the fingerprint %j is %j', (given, fingerprint) => {
    expect(of({ fingerprint: given }).fingerprint).toEqual(fingerprint);
  });

  it.each([
    [1_700_000_000.5, '2023-11-14T22:13:20.500Z'],
    ['1700000000', '2023-11-14T22:13:20.000Z'],
    ['2023-11-14T22:13:20Z', '2023-11-14T22:13:20.000Z'],
    ['2023-11-14T22:13:20.123456+00:00', '2023-11-14T22:13:20.123Z'],
    ['soon', undefined],
    [1e300, undefined],
    [-5, undefined],
  ])('%j is the time %s', (timestamp, time) => {
    expect(of({ timestamp }).occurred_at?.toISOString()).toBe(time);
  });

  it('keeps the ends of a stack that is too deep, and the newest of too many breadcrumbs, and says how much is missing', () => {
    const names = Array.from({ length: 400 }, (_, index) => `f${index}`);
    const breadcrumbs = Array.from({ length: 130 }, (_, index) => ({ message: `b${index}` }));
    const {
      details,
      frames: kept,
      stack_trace,
    } = of({
      exception: [{ type: 'RangeError', value: 'deep', stacktrace: frames(...names) }],
      breadcrumbs: { values: breadcrumbs },
    });
    expect(kept).toHaveLength(250);
    expect([kept![0]!.function, kept![249]!.function]).toEqual(['f399', 'f0']);
    expect(stack_trace).toContain('    … 150 more calls\n');
    expect(details).toMatchObject({ exceptions: [{ frames_omitted: 150 }], breadcrumbs_omitted: 30 });
    expect((details!['breadcrumbs'] as { message: string }[])[0]).toEqual({ message: 'b30' });
  });

  it('keeps the lines around a call, empty ones too', () => {
    const frame = {
      function: '?',
      context_line: 'x()',
      pre_context: ['', 'a'],
      post_context: ['b'],
      vars: { n: 1 },
    };
    expect(of({ exception: [{ type: 'E', stacktrace: { frames: [frame] } }] }).frames).toEqual([
      expect.objectContaining({
        function: null,
        context_line: 'x()',
        pre_context: ['', 'a'],
        post_context: ['b'],
        vars: { n: 1 },
      }),
    ]);
  });
});
