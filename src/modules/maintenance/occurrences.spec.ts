import * as fc from 'fast-check';
import {
  nextEdge,
  overAt,
  parseCron,
  type Period,
  periodAfter,
  periodsBetween,
  upcomingPeriods,
  type WindowTimes,
} from './occurrences.js';

const MINUTE = 60_000;
const HOUR = 3_600_000;
const DAY = 86_400_000;

const at = (text: string) => Date.parse(text);
const written = ({ from, to }: Period) => [new Date(from).toISOString(), new Date(to).toISOString()];

function recurring(cron: string, duration_ms: number, time_zone: string, more: Partial<WindowTimes> = {}) {
  return { starts_at: null, ends_at: null, ended_at: null, cron, duration_ms, time_zone, ...more };
}

function once(from: string, to: string): WindowTimes {
  const [starts_at, ends_at] = [new Date(from), new Date(to)];
  return { starts_at, ends_at, ended_at: null, cron: null, duration_ms: null, time_zone: 'UTC' };
}

/** Joins periods that overlap or touch, in order of time. */
function mergePeriods(periods: readonly Period[]): Period[] {
  const merged: Period[] = [];
  for (const { from, to } of [...periods].sort((a, b) => a.from - b.from)) {
    const last = merged.at(-1);
    if (last && from <= last.to) last.to = Math.max(last.to, to);
    else merged.push({ from, to });
  }
  return merged;
}

describe('a window that holds once', () => {
  const window = once('2026-03-01T10:00:00Z', '2026-03-01T12:00:00Z');

  it('has one period, closed at its begin and open at its end', () => {
    expect(nextEdge(window, at('2026-03-01T09:59:59.999Z'))).toBe(at('2026-03-01T10:00:00Z'));
    expect(nextEdge(window, at('2026-03-01T10:00:00Z'))).toBe(at('2026-03-01T12:00:00Z'));
    expect(nextEdge(window, at('2026-03-01T12:00:00Z'))).toBeUndefined();
    expect(overAt(window)).toBe(at('2026-03-01T12:00:00Z'));
  });

  it('comes next only before it begins', () => {
    expect(upcomingPeriods(window, at('2026-03-01T09:00:00Z'), 5)).toHaveLength(1);
    expect(upcomingPeriods(window, at('2026-03-01T10:00:00Z'), 5)).toEqual([]);
  });
});

describe('daylight saving', () => {
  it.each([
    // What begins in the hour that is skipped begins when that hour would have.
    [
      'Europe/Berlin, in the skipped hour',
      '30 2 * * *',
      'Europe/Berlin',
      '2026-03-28T12:00:00Z',
      ['2026-03-29T01:00:00.000Z', '2026-03-29T03:00:00.000Z'],
      ['2026-03-30T00:30:00.000Z', '2026-03-30T02:30:00.000Z'],
    ],
    [
      'Europe/Berlin, over the skipped hour',
      '0 1 * * *',
      'Europe/Berlin',
      '2026-03-28T12:00:00Z',
      ['2026-03-29T00:00:00.000Z', '2026-03-29T02:00:00.000Z'],
      ['2026-03-29T23:00:00.000Z', '2026-03-30T01:00:00.000Z'],
    ],
    [
      'Europe/Berlin, in the hour that comes twice: once, the first time',
      '30 2 * * *',
      'Europe/Berlin',
      '2026-10-24T12:00:00Z',
      ['2026-10-25T00:30:00.000Z', '2026-10-25T02:30:00.000Z'],
      ['2026-10-26T01:30:00.000Z', '2026-10-26T03:30:00.000Z'],
    ],
    [
      'America/New_York, in the skipped hour',
      '30 2 * * *',
      'America/New_York',
      '2026-03-08T00:00:00Z',
      ['2026-03-08T07:00:00.000Z', '2026-03-08T09:00:00.000Z'],
      ['2026-03-09T06:30:00.000Z', '2026-03-09T08:30:00.000Z'],
    ],
    [
      'America/New_York, in the hour that comes twice',
      '30 1 * * *',
      'America/New_York',
      '2026-11-01T00:00:00Z',
      ['2026-11-01T05:30:00.000Z', '2026-11-01T07:30:00.000Z'],
      ['2026-11-02T06:30:00.000Z', '2026-11-02T08:30:00.000Z'],
    ],
    [
      'Australia/Lord_Howe, in the skipped half hour',
      '15 2 * * *',
      'Australia/Lord_Howe',
      '2026-10-03T00:00:00Z',
      ['2026-10-03T15:30:00.000Z', '2026-10-03T17:30:00.000Z'],
      ['2026-10-04T15:15:00.000Z', '2026-10-04T17:15:00.000Z'],
    ],
    [
      'Australia/Lord_Howe, in the half hour that comes twice',
      '45 1 * * *',
      'Australia/Lord_Howe',
      '2026-04-04T00:00:00Z',
      ['2026-04-04T14:45:00.000Z', '2026-04-04T16:45:00.000Z'],
      ['2026-04-05T15:15:00.000Z', '2026-04-05T17:15:00.000Z'],
    ],
    [
      'Asia/Tokyo, which has none',
      '30 2 * * *',
      'Asia/Tokyo',
      '2026-03-28T12:00:00Z',
      ['2026-03-28T17:30:00.000Z', '2026-03-28T19:30:00.000Z'],
      ['2026-03-29T17:30:00.000Z', '2026-03-29T19:30:00.000Z'],
    ],
    [
      'Europe/Berlin, at the change itself in spring',
      '0 3 * * *',
      'Europe/Berlin',
      '2026-03-28T12:00:00Z',
      ['2026-03-29T01:00:00.000Z', '2026-03-29T03:00:00.000Z'],
      ['2026-03-30T01:00:00.000Z', '2026-03-30T03:00:00.000Z'],
    ],
    [
      'Europe/Berlin, at the change itself in autumn',
      '0 3 * * *',
      'Europe/Berlin',
      '2026-10-24T12:00:00Z',
      ['2026-10-25T02:00:00.000Z', '2026-10-25T04:00:00.000Z'],
      ['2026-10-26T02:00:00.000Z', '2026-10-26T04:00:00.000Z'],
    ],
  ])('%s', (_, cron, zone, from, first, second) => {
    const window = recurring(cron, 2 * HOUR, zone);
    expect(upcomingPeriods(window, at(from), 2).map(written)).toEqual([first, second]);
  });

  it('two appointments in the skipped hour become one', () => {
    const window = recurring('0,30 2 * * *', 10 * MINUTE, 'Europe/Berlin');
    expect(upcomingPeriods(window, at('2026-03-28T12:00:00Z'), 2).map(written)).toEqual([
      ['2026-03-29T01:00:00.000Z', '2026-03-29T01:10:00.000Z'],
      ['2026-03-30T00:00:00.000Z', '2026-03-30T00:10:00.000Z'],
    ]);
  });

  it('a step leaves the skipped hour out, and takes the repeated one twice', () => {
    const window = recurring('*/30 2 * * *', 10 * MINUTE, 'Europe/Berlin');
    const on = (day: string) =>
      periodsBetween(window, at(`${day}T00:00:00Z`), at(`${day}T12:00:00Z`)).map(({ from }) =>
        new Date(from).toISOString().slice(11, 16),
      );
    expect(on('2026-03-29')).toEqual([]);
    expect(on('2026-10-25')).toEqual(['00:00', '00:30', '01:00', '01:30']);
  });

  it('a list of times keeps the one that falls into the skipped hour', () => {
    const window = recurring('30 2,14 * * *', HOUR, 'Europe/Berlin');
    expect(upcomingPeriods(window, at('2026-03-28T20:00:00Z'), 2).map(written)).toEqual([
      ['2026-03-29T01:00:00.000Z', '2026-03-29T02:00:00.000Z'],
      ['2026-03-29T12:30:00.000Z', '2026-03-29T13:30:00.000Z'],
    ]);
  });

  it('a whole day of 24 hours leaves the 25th hour of the autumn day out', () => {
    const window = recurring('0 0 * * *', DAY, 'Europe/Berlin');
    const [, gap] = periodsBetween(window, at('2026-10-24T12:00:00Z'), at('2026-10-26T12:00:00Z'));
    expect(nextEdge(window, at('2026-10-25T12:00:00Z'))).toBe(at('2026-10-25T22:00:00Z'));
    expect(gap!.from).toBe(at('2026-10-25T23:00:00Z'));
  });
});

describe('recurring windows', () => {
  it('cross midnight, months and years', () => {
    const window = recurring('0 23 31 * *', 3 * HOUR, 'Europe/Berlin');
    expect(upcomingPeriods(window, at('2026-12-01T00:00:00Z'), 3).map(written)).toEqual([
      ['2026-12-31T22:00:00.000Z', '2027-01-01T01:00:00.000Z'],
      ['2027-01-31T22:00:00.000Z', '2027-02-01T01:00:00.000Z'],
      ['2027-03-31T21:00:00.000Z', '2027-04-01T00:00:00.000Z'],
    ]);
  });

  it('know the last day of a month', () => {
    const window = recurring('0 0 L * *', HOUR, 'UTC');
    expect(
      upcomingPeriods(window, at('2028-01-31T12:00:00Z'), 2).map(({ from }) => new Date(from).getUTCDate()),
    ).toEqual([29, 31]);
  });

  it('whose occurrences overlap or touch are one period', () => {
    const overlapping = recurring('0 0 1,2 * *', 30 * HOUR, 'UTC');
    expect(periodsBetween(overlapping, at('2026-05-01T00:00:00Z'), at('2026-05-20T00:00:00Z'))).toEqual([
      { from: at('2026-05-01T00:00:00Z'), to: at('2026-05-03T06:00:00Z') },
    ]);
    expect(periodAfter(overlapping, at('2026-05-02T12:00:00Z'))!.from).toBe(at('2026-05-01T00:00:00Z'));
    const touching = recurring('0 0 1,2 * *', DAY, 'UTC');
    expect(nextEdge(touching, at('2026-05-01T12:00:00Z'))).toBe(at('2026-05-03T00:00:00Z'));
  });

  it('that never pause have no end in sight', () => {
    const window = recurring('0 * * * *', 2 * HOUR, 'UTC');
    const now = at('2026-05-01T12:10:00Z');
    expect(periodAfter(window, now)).toMatchObject({ open: true });
    const covered = mergePeriods(periodsBetween(window, now, now + 60 * DAY));
    expect(covered).toHaveLength(1);
    expect(covered[0]!.to).toBeGreaterThan(now + 60 * DAY);
    expect(upcomingPeriods(window, now, 5)).toEqual([]);
  });

  it('stay within their bounds', () => {
    const window = recurring('0 2 * * *', 2 * HOUR, 'UTC', {
      starts_at: new Date('2026-05-01T02:30:00Z'),
      ends_at: new Date('2026-05-04T03:00:00Z'),
    });
    expect(
      periodsBetween(window, at('2026-04-01T00:00:00Z'), at('2026-06-01T00:00:00Z')).map(written),
    ).toEqual([
      ['2026-05-02T02:00:00.000Z', '2026-05-02T04:00:00.000Z'],
      ['2026-05-03T02:00:00.000Z', '2026-05-03T04:00:00.000Z'],
      ['2026-05-04T02:00:00.000Z', '2026-05-04T03:00:00.000Z'],
    ]);
    expect(overAt(window)).toBe(at('2026-05-04T03:00:00Z'));
    expect(overAt({ ...window, ends_at: new Date('2026-05-04T02:00:00Z') })).toBe(at('2026-05-03T04:00:00Z'));
    expect(overAt({ ...window, ends_at: new Date('2026-05-01T12:00:00Z') })).toBeUndefined();
    expect(overAt({ ...window, ends_at: null })).toBeNull();
    expect(overAt(recurring('0 0 30 2 *', HOUR, 'UTC'))).toBeUndefined();
  });

  it('that were ended ahead of time come back at their next occurrence', () => {
    const window = recurring('0 2 * * *', 2 * HOUR, 'UTC', { ended_at: new Date('2026-05-02T02:45:00Z') });
    expect(
      periodsBetween(window, at('2026-05-02T00:00:00Z'), at('2026-05-03T12:00:00Z')).map(written),
    ).toEqual([
      ['2026-05-02T02:00:00.000Z', '2026-05-02T02:45:00.000Z'],
      ['2026-05-03T02:00:00.000Z', '2026-05-03T04:00:00.000Z'],
    ]);
    expect(nextEdge(window, at('2026-05-02T02:45:00Z'))).toBe(at('2026-05-03T02:00:00Z'));
    const last = { ...window, ends_at: new Date('2026-05-02T12:00:00Z') };
    expect(overAt(last)).toBe(at('2026-05-02T02:45:00Z'));
  });
});

describe('cron expressions', () => {
  it.each(['* * * *', '* * * * * *', '@daily', '0 25 * * *', '? 2 * * *', '5-1 * * * *', 'never', ''])(
    'refuses %j',
    (expression) => {
      expect(() => parseCron(expression, 'UTC')).toThrow();
    },
  );

  it.each(['0 2 * * MON', '*/15 1-5 * JAN,FEB 1-5', '0 2 * * SUN#1', '0 2 L * *'])(
    'takes %j',
    (expression) => {
      expect(parseCron(expression, 'Europe/Berlin').nextRun()).not.toBeNull();
    },
  );
});

describe('whatever the window', () => {
  const zone = fc.constantFrom('Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Tokyo');
  const cron = fc.constantFrom(
    '30 2 * * *',
    '*/20 * * * *',
    '0 0,1 * * 0',
    '15 2 L * *',
    '0 22 * 3,10 *',
    '5 1-3 * * *',
  );
  const minutes = fc.integer({ min: 1, max: 4_000 });
  const start = fc.integer({ min: at('2026-01-01T00:00:00Z'), max: at('2027-01-01T00:00:00Z') });

  /** By the definition: every occurrence that the library names, one after the other, joined. */
  function named(window: WindowTimes, from: number, to: number): Period[] {
    const runs = parseCron(window.cron!, window.time_zone);
    const periods: Period[] = [];
    let next = runs.nextRun(new Date(from - 4 * DAY));
    while (next && next.getTime() <= to) {
      periods.push({ from: next.getTime(), to: next.getTime() + window.duration_ms! });
      next = runs.nextRun(next);
    }
    return mergePeriods(periods).filter((period) => period.to > from);
  }

  it('its periods cover what its occurrences cover', () => {
    fc.assert(
      fc.property(cron, zone, minutes, start, (expression, time_zone, length, from) => {
        const window = recurring(expression, length * MINUTE, time_zone);
        const to = from + 2 * DAY;
        const clip = (periods: Period[]) =>
          mergePeriods(periods)
            .map((period) => ({ from: Math.max(period.from, from), to: Math.min(period.to, to) }))
            .filter((period) => period.from < period.to);
        expect(clip(periodsBetween(window, from, to))).toEqual(clip(named(window, from, to)));
      }),
      { numRuns: 40 },
    );
  });

  it('nothing changes before its next edge', () => {
    fc.assert(
      fc.property(cron, zone, minutes, start, fc.double({ min: 0, max: 1, noNaN: true }), (...given) => {
        const [expression, time_zone, length, time, share] = given;
        const window = recurring(expression, length * MINUTE, time_zone);
        const holds = (when: number) => (periodAfter(window, when)?.from ?? Infinity) <= when;
        const edge = nextEdge(window, time)!;
        expect(edge).toBeGreaterThan(time);
        expect(holds(time + Math.floor((edge - 1 - time) * share))).toBe(holds(time));
      }),
      { numRuns: 40 },
    );
  });
});
