import type { CodedException } from '../../../common/coded-exception.js';
import { changedSettings, completeSettings } from './endpoint-settings.js';
import { HIDDEN } from './kind-options.js';

const GIVEN = { name: ' Shop ', url: 'https://shop.test/' };

const problem = (work: () => unknown): unknown => {
  try {
    return work();
  } catch (error) {
    return (error as CodedException).details;
  }
};

describe('endpoint settings', () => {
  it('fill in every default', () => {
    expect(completeSettings(GIVEN)).toEqual({
      name: 'Shop',
      url: 'https://shop.test/',
      group_name: null,
      kind: 'http',
      method: 'GET',
      headers: {},
      body: null,
      auth: null,
      interval_ms: 60_000,
      timeout_ms: 10_000,
      expected_status_codes: ['200-299'],
      retries: 1,
      retry_interval_ms: 10_000,
      failure_threshold: 2,
      recovery_threshold: 1,
      degraded_threshold_ms: null,
      follow_redirects: 5,
      verify_tls: true,
      options: { http_version: '1.1', max_body_kb: 1024 },
      secret_options: {},
      assertions: [],
      regions: [],
      quorum: 'majority',
      depends_on: [],
      tags: [],
      public: true,
      enabled: true,
    });
  });

  it('change only what is given, and take null for what may be null', () => {
    const current = completeSettings({
      ...GIVEN,
      group: 'Web',
      interval: '5m',
      auth: { type: 'bearer', token: 't' },
    });
    expect(changedSettings(current, { interval: '90s', group: null, auth: null, enabled: false })).toEqual({
      ...current,
      interval_ms: 90_000,
      group_name: null,
      auth: null,
      enabled: false,
    });
    expect(changedSettings(current, {})).toEqual(current);
  });

  describe('of a kind', () => {
    const fields = (work: () => unknown): string[] =>
      ((problem(work) ?? []) as { field: string }[]).map(({ field }) => field);

    it('are waited for at once, and not asked again, when they report by themselves', () => {
      expect(completeSettings({ name: 'Backup', kind: 'push', interval: '1d' })).toMatchObject({
        url: '',
        retries: 0,
        failure_threshold: 1,
        options: { schedule: { type: 'interval' }, grace: '1m', max_run_time: null },
      });
    });

    it('are refused where they mean nothing to it', () => {
      const push = { name: 'Backup', kind: 'push' as const };
      expect(fields(() => completeSettings({ ...push, method: 'POST', follow_redirects: 0 }))).toEqual([
        'method',
        'follow_redirects',
      ]);
      expect(
        fields(() =>
          completeSettings({ ...push, url: GIVEN.url, retries: 1, regions: ['eu'], timeout: '1s' }),
        ),
      ).toEqual(['url', 'retries', 'regions', 'timeout']);
      expect(fields(() => completeSettings({ ...push, auth: { type: 'bearer', token: 't' } }))).toEqual([
        'auth.type',
      ]);
      const slow = { type: 'response_time', operator: 'less_than', value: 5 };
      expect(fields(() => completeSettings({ ...push, assertions: [slow] }))).toEqual(['assertions.0.type']);
    });

    it('name the option that is wrong', () => {
      expect(fields(() => completeSettings({ ...GIVEN, options: { max_body_kb: 0, foo: 1 } }))).toEqual([
        'options.max_body_kb',
        'options.foo',
      ]);
      expect(
        fields(() =>
          completeSettings({
            name: 'Backup',
            kind: 'push',
            options: { schedule: { type: 'cron', expression: '0 0 30 2 *', time_zone: 'Mars/Base' } },
          }),
        ),
      ).toEqual(['options.schedule.expression', 'options.schedule.time_zone']);
    });

    it('fill in what an assertion leaves out, and say what is wrong with one', () => {
      const given = { type: 'json', path: '$.ok', operator: 'equals', value: true };
      expect(completeSettings({ ...GIVEN, assertions: [given] }).assertions).toEqual([
        { ...given, soft: false },
      ]);
      expect(fields(() => completeSettings({ ...GIVEN, assertions: [{ ...given, path: '$[' }] }))).toEqual([
        'assertions.0.path',
      ]);
    });

    it('keep the options that are not named, and give one its default again for null', () => {
      const current = completeSettings({ ...GIVEN, options: { max_body_kb: 5, http_version: '2' } });
      const changed = changedSettings(current, { options: { http_version: null } });
      expect(changed.options).toMatchObject({ max_body_kb: 5, http_version: '1.1' });
    });

    it('start afresh with another kind', () => {
      const current = completeSettings({ ...GIVEN, method: 'POST', headers: { A: 'b' }, tags: ['x'] });
      expect(changedSettings(current, { kind: 'tcp', url: 'tcp://shop.test:80' })).toMatchObject({
        method: 'GET',
        headers: {},
        tags: ['x'],
      });
      expect(fields(() => changedSettings(current, { kind: 'tcp' }))).toEqual(['url']);
    });

    it.each([
      ['ftp://shop.test/', 'http'],
      ['https://me:pass@shop.test/', 'http'],
      ['shop.test', 'http'],
      ['https://', 'http'],
      ['tcp://shop.test', 'tcp'],
      ['http://shop.test', 'tcp'],
    ] as const)('refuse %s for %s', (url, kind) => {
      expect(fields(() => completeSettings({ name: 'Shop', url, kind }))).toEqual(['url']);
    });
  });

  describe('a marker', () => {
    const current = completeSettings({
      ...GIVEN,
      headers: { 'X-Api-Key': 'secret', Accept: 'text/html' },
      auth: { type: 'basic', username: 'me', password: 'pass' },
    });

    it('keeps the secret that it stands for, whatever the case of the name', () => {
      const changes = {
        headers: { 'x-api-key': HIDDEN, Accept: 'text/plain' },
        auth: { type: 'basic' as const, username: 'you', password: HIDDEN },
      };
      const expected = {
        headers: { 'x-api-key': 'secret', Accept: 'text/plain' },
        auth: { type: 'basic', username: 'you', password: 'pass' },
      };
      expect(changedSettings(current, changes)).toMatchObject(expected);
      expect(completeSettings({ ...GIVEN, ...changes }, current)).toMatchObject(expected);
    });

    it('is refused when nothing is stored for it', () => {
      const message = 'has no stored value that [hidden] could stand for';
      expect(problem(() => completeSettings({ ...GIVEN, headers: { Cookie: HIDDEN } }, current))).toEqual([
        { field: 'headers.Cookie', message },
      ]);
      expect(problem(() => changedSettings(current, { auth: { type: 'bearer', token: HIDDEN } }))).toEqual([
        { field: 'auth.token', message },
      ]);
      expect(
        problem(() => completeSettings({ ...GIVEN, auth: { type: 'bearer', token: HIDDEN } })),
      ).toBeDefined();
    });
  });
});
