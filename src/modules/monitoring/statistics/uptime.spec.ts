import fc from 'fast-check';
import { overallState } from './overview.reader.js';
import { ProbeHistory } from '../services/probe-history.js';
import { overallHealth } from '../services/services.reader.js';
import { noTime } from './state-time.js';
import { coverageOf, measuredTime, uptimeOf, uptimePercent } from './uptime.js';

describe('uptime percent', () => {
  it.each([
    [1, 1, 100],
    [0, 1, 0],
    [1, 3, 33.333],
    [2, 3, 66.666],
    [86_399_999, 86_400_000, 99.999],
    [86_400_001, 86_400_000, 100],
  ])('%d of %d ms is %d', (up, known, percent) => expect(uptimePercent(up, known)).toBe(percent));

  it('is nothing when nothing was measured', () => expect(uptimePercent(0, 0)).toBeNull());

  it('is 100 only without any downtime, and cut off, never rounded', () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), fc.maxSafeNat(), (a, b) => {
        const [up, known] = [BigInt(Math.min(a, b)), BigInt(Math.max(a, b, 1))];
        const exact = Number((up * 100_000n) / known) / 1_000;
        expect(uptimePercent(Number(up), Number(known))).toBe(exact);
        expect(uptimePercent(Number(up), Number(known)) === 100).toBe(up === known);
      }),
    );
  });
});

describe('uptime and coverage of times', () => {
  const times = {
    operational: 800,
    degraded: 100,
    partial_outage: 50,
    major_outage: 50,
    maintenance: 5_000,
    unknown: 1_000,
  };

  it('count degraded as up, outages as down, maintenance not at all', () => {
    expect(uptimeOf(times)).toBe(90);
    expect(measuredTime(times)).toBe(1_000);
    expect(coverageOf(times)).toBe(50);
  });

  it('are nothing where there is nothing to measure', () => {
    expect(uptimeOf({ ...noTime(), unknown: 1 })).toBeNull();
    expect(coverageOf({ ...noTime(), unknown: 1 })).toBe(0);
    expect(coverageOf({ ...noTime(), maintenance: 1 })).toBeNull();
  });
});

describe('probe history', () => {
  it('counts probes of the last 24 hours', () => {
    const history = new ProbeHistory();
    const start = Date.parse('2026-01-01T00:00:00Z');
    const at = (minutes: number) => new Date(start + minutes * 60_000);
    expect(history.percent(at(0))).toBeNull();
    for (let minute = 0; minute < 60; minute++) history.add(at(minute), minute >= 15);
    expect(history.percent(at(60))).toBe(75);
    expect(history.percent(at(24 * 60 + 15))).toBe(100);
    expect(history.percent(at(48 * 60))).toBeNull();
  });
});

describe('the whole from its parts', () => {
  const none = {
    operational: 0,
    degraded: 0,
    partial_outage: 0,
    major_outage: 0,
    maintenance: 0,
    unknown: 0,
  };

  it.each([
    [{}, 'unknown'],
    [{ unknown: 2 }, 'unknown'],
    [{ operational: 2, unknown: 1 }, 'operational'],
    [{ operational: 2, degraded: 1 }, 'degraded'],
    [{ operational: 2, major_outage: 1 }, 'partial_outage'],
    [{ operational: 2, partial_outage: 1 }, 'partial_outage'],
    [{ major_outage: 1, unknown: 3 }, 'major_outage'],
    [{ maintenance: 1, unknown: 3 }, 'maintenance'],
    [{ maintenance: 1, operational: 3 }, 'operational'],
  ])('%o is %s', (counts, state) => expect(overallState({ ...none, ...counts })).toBe(state));

  const own = (status: 'healthy' | 'unhealthy') => [
    { name: 'Database', status, uptime_percent: 100, response_time_ms: 1, last_checked: null, details: {} },
  ];

  it.each([
    ['healthy', [], 'healthy'],
    ['healthy', ['operational', 'unknown'], 'healthy'],
    ['healthy', ['operational', 'degraded'], 'degraded'],
    ['healthy', ['operational', 'major_outage'], 'degraded'],
    ['healthy', ['major_outage', 'unknown'], 'unhealthy'],
    ['unhealthy', ['operational'], 'unhealthy'],
  ] as const)('a %s database with %j is %s', (database, states, health) => {
    expect(overallHealth(own(database), states)).toBe(health);
  });
});
