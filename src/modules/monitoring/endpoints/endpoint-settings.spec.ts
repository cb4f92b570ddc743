import type { CodedException } from '../../../common/coded-exception.js';
import { changedSettings, completeSettings, HIDDEN } from './endpoint-settings.js';

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
