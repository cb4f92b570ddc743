import fc from 'fast-check';
import { ENDPOINT_STATES } from '../../../src/database/entities/endpoint-status.entity.js';
import { EndpointUptimeReader } from '../../../src/modules/monitoring/statistics/endpoint-uptime.reader.js';
import { FleetUptimeReader } from '../../../src/modules/monitoring/statistics/fleet-uptime.reader.js';
import { UptimeBarsReader } from '../../../src/modules/monitoring/statistics/uptime-bars.reader.js';
import {
  addTimes,
  noTime,
  startOfDay,
  startOfMonth,
  type StateInterval,
  timeInStates,
  totalTime,
} from '../../../src/modules/monitoring/statistics/state-time.js';
import {
  coverageOf,
  measuredTime,
  uptimeOf,
  uptimePercent,
  upTime,
} from '../../../src/modules/monitoring/statistics/uptime.js';
import { recordStateChanges } from '../../../src/modules/monitoring/states/state-changes.js';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.js';
import { TestClock } from '../monitoring/monitoring-parts.js';
import { DAY, historyFrom, HOUR, insertHistory, makeRollUp } from './statistics-parts.js';

describe('running totals', () => {
  let database: TestDatabase;
  let clock: TestClock;
  let now: number;
  beforeEach(async () => {
    database = await createTestDatabase();
    clock = new TestClock();
    now = startOfDay(Date.now()) + 10 * HOUR + 123;
    clock.hold(now);
    // Response times are none of this: nothing is left to do for them.
    await database.dataSource.query(
      `UPDATE rollup_progress SET done_to = $1 WHERE name IN ('check_hours', 'check_days')`,
      [new Date(now)],
    );
  });
  afterEach(() => database.drop());

  const rollUp = () => makeRollUp(database.dataSource, clock).rollUp();
  const uptime = (id: string) => new EndpointUptimeReader(database.dataSource, clock).read(id);
  const bars = () =>
    new UptimeBarsReader(database.dataSource, clock).read({ limit: 100, offset: 0, days: 90 });

  /** Ends of windows, as the document says. */
  const starts = () => ({
    '24h': now - DAY,
    ...Object.fromEntries(
      [7, 30, 90, 365].map((days) => [days === 365 ? '1y' : `${days}d`, startOfDay(now - days * DAY)]),
    ),
  });

  async function expectHonest(id: string, intervals: readonly StateInterval[]): Promise<void> {
    const created = intervals[0]!.started_at;
    const { windows, months } = await uptime(id);
    for (const { window, from, to, states, uptime_percent, coverage_percent } of windows) {
      const start = starts()[window as '24h'];
      const times = timeInStates(intervals, start, now);
      expect({ window, states }).toEqual({ window, states: times });
      expect(totalTime(states)).toBe(to.getTime() - from.getTime());
      expect(from.getTime()).toBe(Math.max(start, created));
      expect([uptime_percent, coverage_percent]).toEqual([uptimeOf(times), coverageOf(times)]);
    }
    for (const { month, states } of months) {
      const start = Date.parse(`${month}-01T00:00:00Z`);
      expect({ month, states }).toEqual({
        month,
        states: timeInStates(intervals, start, Math.min(startOfMonth(start, 1), now)),
      });
    }
    const { endpoints } = await bars();
    const own = endpoints.find((each) => each.endpoint_id === id)!;
    expect(own.days).toHaveLength(90);
    for (const { day, states, uptime_percent } of own.days) {
      const start = Date.parse(`${day}T00:00:00Z`);
      const times = timeInStates(intervals, start, Math.min(start + DAY, now));
      expect({ day, states: { ...noTime(), ...states } }).toEqual({ day, states: times });
      expect(uptime_percent).toBe(uptimeOf(times));
    }
    const all = timeInStates(intervals, startOfDay(now) - 89 * DAY, now);
    expect([own.uptime_percent, own.coverage_percent]).toEqual([uptimeOf(all), coverageOf(all)]);
  }

  /** Histories of up to some 250 days that have not ended. */
  const history = fc
    .array(fc.tuple(fc.constantFrom(...ENDPOINT_STATES), fc.integer({ min: 1, max: 10 * DAY })), {
      minLength: 1,
      maxLength: 50,
    })
    .map((stays) => {
      const length = stays.reduce((sum, [, stay]) => sum + stay, 0);
      return historyFrom(now - length, stays);
    });

  it('give what the intervals give, before any roll-up, behind, and when all is rolled up', async () => {
    const histories = fc.sample(history, 8);
    const ids: string[] = [];
    for (const intervals of histories) ids.push(await insertHistory(database.dataSource, intervals));
    const check = async () => {
      for (const [index, id] of ids.entries()) await expectHonest(id, histories[index]!);
    };
    await check();
    for (const daysAgo of [120, 45, 20, 3, 0]) {
      clock.hold(now - daysAgo * DAY);
      await rollUp();
      clock.hold(now);
      await check();
    }
    await database.dataSource.query(`UPDATE rollup_progress SET done_to = NULL WHERE name LIKE 'endpoint%'`);
    await rollUp();
    await check();
  });

  it('give the uptime of all together', async () => {
    const histories = fc.sample(history, 6);
    for (const intervals of histories) await insertHistory(database.dataSource, intervals);
    const fleet = new FleetUptimeReader(database.dataSource);
    const expected = Object.fromEntries(
      Object.entries(starts())
        .filter(([window]) => window !== '1y')
        .map(([window, from]) => {
          const times = histories
            .map((intervals) => timeInStates(intervals, from, now))
            .reduce(addTimes, noTime());
          return [`uptime_percent_${window}`, uptimePercent(upTime(times), measuredTime(times))];
        }),
    );
    expect(await fleet.read('all', clock.now())).toEqual(expected);
    clock.hold(now - 10 * DAY);
    await rollUp();
    expect(await fleet.read('all', new Date(now))).toEqual(expected);
    clock.hold(now);
    await rollUp();
    expect(await fleet.read('all', clock.now())).toEqual(expected);
    expect(await fleet.read('public', clock.now())).toEqual(expected);
    await database.dataSource.query('UPDATE endpoints SET public = false');
    expect(Object.values(await fleet.read('public', clock.now()))).toEqual([null, null, null, null]);
  });

  it('are corrected when a gap is noticed late, and only for the endpoint that had it', async () => {
    const created = now - 20 * DAY;
    const late = await insertHistory(database.dataSource, historyFrom(created, [['operational', 1]]));
    const other = await insertHistory(database.dataSource, historyFrom(created, [['degraded', 1]]));
    await rollUp();
    const gap = now - 3 * DAY + 5 * HOUR;
    await database.dataSource.transaction((manager) =>
      recordStateChanges(manager, [
        { endpoint_id: late, to: 'unknown', at: gap },
        { endpoint_id: late, to: 'operational', at: now - 1_000 },
      ]),
    );
    expect((await rollUp()).corrected).toBe(1);
    await expectHonest(late, [
      { state: 'operational', started_at: created, ended_at: gap },
      { state: 'unknown', started_at: gap, ended_at: now - 1_000 },
      { state: 'operational', started_at: now - 1_000, ended_at: null },
    ]);
    await expectHonest(other, [{ state: 'degraded', started_at: created, ended_at: null }]);
    expect((await rollUp()).corrected).toBe(0);
  });

  it('need no mark for a change of today', async () => {
    const id = await insertHistory(database.dataSource, historyFrom(now - DAY, [['operational', 1]]));
    await database.dataSource.transaction((manager) =>
      recordStateChanges(manager, [{ endpoint_id: id, to: 'degraded', at: Date.now() }]),
    );
    expect(await database.dataSource.query('SELECT * FROM stale_days')).toEqual([]);
  });

  it('freeze a month two days after its end; what is noticed later does not change it', async () => {
    const monthStart = startOfMonth(now, -2);
    const next = startOfMonth(now, -1);
    const intervals = historyFrom(monthStart + 5 * DAY, [
      ['operational', 3 * DAY],
      ['major_outage', HOUR],
      ['operational', 1],
    ]);
    const id = await insertHistory(database.dataSource, intervals);
    const month = new Date(monthStart).toISOString().slice(0, 7);
    const read = async () => (await uptime(id)).months.find((each) => each.month === month)!;

    clock.hold(next + 2 * DAY - 1);
    await rollUp();
    expect((await read()).frozen).toBe(false);
    clock.hold(next + 2 * DAY);
    await rollUp();
    const frozen = await read();
    expect(frozen).toMatchObject({
      frozen: true,
      uptime_percent: uptimeOf(timeInStates(intervals, monthStart, next)),
      coverage_percent: 100,
    });
    await database.dataSource.transaction((manager) =>
      recordStateChanges(manager, [{ endpoint_id: id, to: 'unknown', at: next - DAY }]),
    );
    expect((await rollUp()).corrected).toBe(1);
    expect(await read()).toEqual(frozen);
  });
});
