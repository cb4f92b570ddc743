import fc from 'fast-check';
import { nextExpected } from './heartbeat-schedule.js';
import { pushOptions } from './push-options.js';

const cron = (expression: string, time_zone: string) => ({
  interval_ms: 60_000,
  options: pushOptions.parse({ schedule: { type: 'cron', expression, time_zone } }),
});
const next = (expression: string, time_zone: string, after: string) =>
  new Date(nextExpected(cron(expression, time_zone), Date.parse(after))).toISOString();

describe('the schedule of heartbeats', () => {
  it('counts an interval from the last one', () => {
    const hourly = { interval_ms: 3_600_000, options: pushOptions.parse({}) };
    expect(nextExpected(hourly, 1_000)).toBe(3_601_000);
  });

  it('means times of day in its time zone', () => {
    expect(next('0 3 * * *', 'Europe/Berlin', '2026-01-10T12:00:00Z')).toBe('2026-01-11T02:00:00.000Z');
    expect(next('0 3 * * *', 'Europe/Berlin', '2026-07-10T12:00:00Z')).toBe('2026-07-11T01:00:00.000Z');
    expect(next('0 3 * * *', 'Asia/Kolkata', '2026-07-10T12:00:00Z')).toBe('2026-07-10T21:30:00.000Z');
  });

  it('moves a time that daylight saving skips to the moment of the change', () => {
    expect(next('30 2 * * *', 'Europe/Berlin', '2026-03-28T12:00:00Z')).toBe('2026-03-29T01:00:00.000Z');
    expect(next('30 2 * * *', 'Europe/Berlin', '2026-03-29T01:00:00Z')).toBe('2026-03-30T00:30:00.000Z');
    expect(next('30 2 * * *', 'America/New_York', '2026-03-07T12:00:00Z')).toBe('2026-03-08T07:00:00.000Z');
  });

  it('takes a time of day that comes twice only once, the first time', () => {
    expect(next('30 2 * * *', 'Europe/Berlin', '2026-10-24T12:00:00Z')).toBe('2026-10-25T00:30:00.000Z');
    expect(next('30 2 * * *', 'Europe/Berlin', '2026-10-25T00:30:00Z')).toBe('2026-10-26T01:30:00.000Z');
  });

  it('keeps hours an hour apart over both changes', () => {
    for (const [start, hours] of [
      ['2026-03-28T20:00:00Z', 12],
      ['2026-10-24T20:00:00Z', 12],
    ] as const) {
      let at = Date.parse(start);
      for (let count = 0; count < hours; count++) {
        const following = nextExpected(cron('0 * * * *', 'Europe/Berlin'), at);
        expect(following - at).toBe(3_600_000);
        at = following;
      }
    }
  });

  it('always lies ahead', () => {
    const expressions = fc.constantFrom(
      '*/5 * * * *',
      '0 3 * * *',
      '15 2 * * 7',
      '0 0 1 * *',
      '*/10 * * * * *',
    );
    const zones = fc.constantFrom('UTC', 'Europe/Berlin', 'America/St_Johns', 'Australia/Lord_Howe');
    const times = fc.integer({ min: Date.UTC(2026, 0), max: Date.UTC(2028, 0) });
    fc.assert(
      fc.property(expressions, zones, times, (expression, zone, after) => {
        expect(nextExpected(cron(expression, zone), after)).toBeGreaterThan(after);
      }),
    );
  });

  it.each(['0 0 30 2 *', '61 * * * *', 'daily', '2030-01-01T00:00:00', '* * * *', '0 0 1 1 * 2030 7', ''])(
    'refuses %j',
    (expression) => {
      expect(pushOptions.safeParse({ schedule: { type: 'cron', expression } }).success).toBe(false);
    },
  );

  it.each([
    [{ grace: '31d' }, 'grace'],
    [{ grace: 'soon' }, 'grace'],
    [{ max_run_time: '0s' }, 'max_run_time'],
    [{ schedule: { type: 'interval', expression: '* * * * *' } }, 'schedule'],
  ])('refuses %j', (options, field) => {
    expect(pushOptions.safeParse(options).error?.issues[0]?.path[0]).toBe(field);
  });
});
