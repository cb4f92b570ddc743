import * as fc from 'fast-check';
import { changePercent, isFlapping, NO_OUTCOMES, OUTCOMES_KEPT, withOutcome } from './flapping.js';

const outcomesOf = (results: readonly boolean[]): number =>
  results.reduce((outcomes, good) => withOutcome(outcomes, good), NO_OUTCOMES);

/** The definition, spelled out: changes between neighbours, weighted from 0.8 to 1.2. */
const weighted = (results: readonly boolean[]): number => {
  const changes = results.slice(1).map((good, index) => good !== results[index]);
  const sum = changes.reduce((total, changed, index) => total + (changed ? 0.8 + (0.4 * index) / 18 : 0), 0);
  return (sum / 19) * 100;
};

const good = Array<boolean>(OUTCOMES_KEPT).fill(true);

describe('flapping', () => {
  it('remembers the last twenty results, and says nothing before', () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { maxLength: 60 }), (results) => {
        const percent = changePercent(outcomesOf(results));
        if (results.length < OUTCOMES_KEPT) expect(percent).toBeNull();
        else expect(percent).toBeCloseTo(weighted(results.slice(-OUTCOMES_KEPT)), 9);
      }),
    );
  });

  it('lies between 0 and 100 %', () => {
    expect(changePercent(outcomesOf(good))).toBe(0);
    expect(changePercent(outcomesOf(good.map((_, index) => index % 2 === 0)))).toBeCloseTo(100, 9);
  });

  it('a recent change weighs half as much again as the oldest', () => {
    const oldest = changePercent(outcomesOf([false, ...good.slice(1)]))!;
    const newest = changePercent(outcomesOf([...good.slice(1), false]))!;
    expect(newest / oldest).toBeCloseTo(1.5, 9);
  });

  it('begins at 30 % and ends below 20 %', () => {
    let flapping = false;
    const seen: [percent: number, flapping: boolean][] = [];
    let outcomes = outcomesOf(good);
    for (const each of [false, true, false, true, false, true, false, ...good, ...good]) {
      outcomes = withOutcome(outcomes, each);
      flapping = isFlapping(flapping, outcomes);
      seen.push([changePercent(outcomes)!, flapping]);
    }
    const began = seen.findIndex(([, now]) => now);
    expect(seen[began]![0]).toBeGreaterThanOrEqual(30);
    expect(seen[began - 1]![0]).toBeLessThan(30);
    const ended = seen.findIndex(([, now], index) => index > began && !now);
    expect(seen[ended]![0]).toBeLessThan(20);
    expect(seen[ended - 1]![0]).toBeGreaterThanOrEqual(20);
    expect(seen.slice(ended).every(([, now]) => !now)).toBe(true);
  });

  it('is never true of an endpoint of which too little is known', () => {
    expect(isFlapping(true, outcomesOf([true, false, true, false]))).toBe(false);
  });
});
