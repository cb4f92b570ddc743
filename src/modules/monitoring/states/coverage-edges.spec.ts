import * as fc from 'fast-check';
import { type CoveredEndpoint, coverageChanges } from './coverage-edges.js';

const LONG_AGO = 0;
const endpoint = (more: Partial<CoveredEndpoint> = {}): CoveredEndpoint => ({
  endpoint_id: 'e',
  maintenance: false,
  updated_at: LONG_AGO,
  window_ids: ['a', 'b'],
  ...more,
});
const window = (id: string, periods: [from: number, to: number][], updated_at = LONG_AGO) => ({
  id,
  updated_at,
  periods: periods.map(([from, to]) => ({ from, to })),
});

function changes(
  given: CoveredEndpoint,
  windows: ReturnType<typeof window>[],
  { since = 1_000, now = 2_000, changed_at = LONG_AGO } = {},
) {
  return coverageChanges([given], { windows, changed_at }, since, now).map(({ maintenance, at }) => [
    maintenance ? 'in' : 'out',
    at,
  ]);
}

describe('edges of maintenance', () => {
  it('lie where windows begin and end, not where they are noticed', () => {
    expect(changes(endpoint(), [window('a', [[1_500, 9_000]])])).toEqual([['in', 1_500]]);
    expect(changes(endpoint({ maintenance: true }), [window('a', [[500, 1_700]])])).toEqual([['out', 1_700]]);
    expect(changes(endpoint(), [window('a', [[1_200, 1_700]])])).toEqual([
      ['in', 1_200],
      ['out', 1_700],
    ]);
  });

  it('belong to the moment they fall on, and to one beat only', () => {
    expect(changes(endpoint(), [window('a', [[2_000, 9_000]])])).toEqual([['in', 2_000]]);
    expect(changes(endpoint({ maintenance: true }), [window('a', [[1_000, 9_000]])])).toEqual([]);
    expect(changes(endpoint({ maintenance: true }), [window('a', [[500, 2_000]])])).toEqual([['out', 2_000]]);
    expect(changes(endpoint(), [window('a', [[500, 1_000]])])).toEqual([]);
  });

  it('are those of the union', () => {
    const overlapping = [window('a', [[1_100, 1_500]]), window('b', [[1_400, 1_800]])];
    expect(changes(endpoint(), overlapping)).toEqual([
      ['in', 1_100],
      ['out', 1_800],
    ]);
    const touching = [window('a', [[1_100, 1_500]]), window('b', [[1_500, 1_800]])];
    expect(changes(endpoint(), touching)).toHaveLength(2);
    expect(changes(endpoint({ window_ids: ['b'] }), overlapping)).toEqual([
      ['in', 1_400],
      ['out', 1_800],
    ]);
  });

  it('never lie before a window was made or changed', () => {
    expect(changes(endpoint(), [window('a', [[500, 9_000]], 1_600)])).toEqual([['in', 1_600]]);
    expect(changes(endpoint(), [window('a', [[1_100, 1_500]], 1_600)])).toEqual([]);
    // By a clock that is ahead of ours: no later than now.
    expect(changes(endpoint(), [window('a', [[500, 9_000]], 2_300)])).toEqual([['in', 2_000]]);
  });

  it('do not come from a window in effect that is prolonged', () => {
    const prolonged = [window('a', [[500, 9_000]], 1_600)];
    expect(changes(endpoint({ maintenance: true }), prolonged)).toEqual([]);
  });

  it('come from endpoints that get covered, when they do', () => {
    expect(changes(endpoint({ updated_at: 1_400 }), [window('a', [[500, 9_000]])])).toEqual([['in', 1_400]]);
  });

  it('come from windows that are gone, when they went', () => {
    const left = endpoint({ maintenance: true, window_ids: [] });
    expect(changes(left, [], { changed_at: 1_300 })).toEqual([['out', 1_300]]);
    expect(changes(left, [], { changed_at: 9_300 })).toEqual([['out', 2_000]]);
  });

  it('alternate, whatever happened', () => {
    const time = fc.integer({ min: 0, max: 100 });
    const period = fc
      .tuple(time, fc.integer({ min: 1, max: 40 }))
      .map(([from, length]) => [from, from + length]);
    const periods = fc.array(period as fc.Arbitrary<[number, number]>, { maxLength: 5 });
    fc.assert(
      fc.property(
        fc.boolean(),
        periods,
        periods,
        time,
        time,
        time,
        (maintenance, a, b, ua, ub, changed_at) => {
          const windows = [window('a', a, ua), window('b', b, ub)];
          const edges = changes(endpoint({ maintenance }), windows, { since: 30, now: 70, changed_at });
          const states = [maintenance ? 'in' : 'out', ...edges.map(([state]) => state)];
          expect(states.every((state, index) => index === 0 || state !== states[index - 1])).toBe(true);
          const times = edges.map(([, at]) => at as number);
          expect(times).toEqual([...new Set(times)].sort((x, y) => x - y));
          expect(times.every((at) => at >= 30 && at <= 70)).toBe(true);
          const held = windows.some((each) => each.periods.some(({ from, to }) => from <= 70 && 70 < to));
          expect(states.at(-1)).toBe(held ? 'in' : 'out');
        },
      ),
    );
  });
});
