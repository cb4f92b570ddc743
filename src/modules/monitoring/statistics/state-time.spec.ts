import fc from 'fast-check';
import { ENDPOINT_STATES } from '../../../database/entities/endpoint-status.entity.js';
import {
  addTimes,
  DAY_MS,
  dayNumber,
  noTime,
  RunningTotals,
  startOfDay,
  startOfMonth,
  type StateInterval,
  type StateTimes,
  timeInStates,
  totalTime,
} from './state-time.js';

const START = Date.parse('2026-01-01T00:00:00Z');
const DAYS = 120;

/** A history without a hole: from a moment on, one state after the other, the last one open. */
const history = fc
  .record({
    created: fc.integer({ min: START, max: START + 30 * DAY_MS }),
    stays: fc.array(fc.tuple(fc.constantFrom(...ENDPOINT_STATES), fc.integer({ min: 1, max: 12 * DAY_MS })), {
      minLength: 1,
      maxLength: 40,
    }),
  })
  .map(({ created, stays }): StateInterval[] => {
    let at = created;
    return stays.map(([state, length], index) => {
      const started_at = at;
      at += length;
      return { state, started_at, ended_at: index === stays.length - 1 ? null : at };
    });
  });

const moment = fc.integer({ min: START, max: START + DAYS * DAY_MS });
const midnight = fc.integer({ min: 0, max: DAYS }).map((day) => START + day * DAY_MS);

/** Running totals as they are written once a day. */
function roll(intervals: readonly StateInterval[], rolledTo: number): Map<number, StateTimes> {
  const days = new Map<number, StateTimes>();
  let running = noTime();
  for (let day = startOfDay(intervals[0]!.started_at); day < rolledTo; day += DAY_MS) {
    running = addTimes(running, timeInStates(intervals, day, day + DAY_MS));
    days.set(dayNumber(day), running);
  }
  return days;
}

describe('time in states', () => {
  it('sums to the window, from the first interval on', () => {
    fc.assert(
      fc.property(history, moment, moment, (intervals, a, b) => {
        const [from, to] = [Math.min(a, b), Math.max(a, b)];
        const lived = Math.max(0, to - Math.max(from, intervals[0]!.started_at));
        expect(totalTime(timeInStates(intervals, from, to))).toBe(lived);
      }),
    );
  });

  it('adds up over any parts of a window', () => {
    fc.assert(
      fc.property(history, fc.uniqueArray(moment, { minLength: 2, maxLength: 8 }), (intervals, times) => {
        const cuts = times.sort((a, b) => a - b);
        const parts = cuts.slice(1).map((to, index) => timeInStates(intervals, cuts[index]!, to));
        expect(parts.reduce(addTimes)).toEqual(timeInStates(intervals, cuts[0]!, cuts.at(-1)!));
      }),
    );
  });
});

describe('running totals', () => {
  it('give for any window what the intervals give, wherever they end', () => {
    fc.assert(
      fc.property(history, midnight, midnight, midnight, fc.boolean(), (intervals, a, b, rolledTo, toNow) => {
        const from = Math.min(a, b);
        const to = toNow ? START + DAYS * DAY_MS + 12_345 : Math.max(a, b);
        const totals = new RunningTotals({
          days: roll(intervals, rolledTo),
          rolledTo,
          // What ended before the running totals do is not read.
          intervals: intervals.filter(({ ended_at }) => ended_at === null || ended_at > rolledTo),
        });
        expect(totals.between(from, to)).toEqual(timeInStates(intervals, from, to));
        const days = totals.days(from, to);
        expect(days).toHaveLength(Math.ceil((to - from) / DAY_MS));
        expect(days.reduce(addTimes, noTime())).toEqual(timeInStates(intervals, from, to));
        days.forEach((times, index) => {
          const day = from + index * DAY_MS;
          expect(times).toEqual(timeInStates(intervals, day, Math.min(day + DAY_MS, to)));
        });
      }),
    );
  });
});

describe('calendar', () => {
  it('months begin at midnight UTC, over the end of a year too', () => {
    const time = Date.parse('2026-01-31T23:59:59.999Z');
    const names = [-1, 0, 1, 12].map((offset) => new Date(startOfMonth(time, offset)).toISOString());
    expect(names.map((name) => name.slice(0, 10))).toEqual([
      '2025-12-01',
      '2026-01-01',
      '2026-02-01',
      '2027-01-01',
    ]);
  });
});
