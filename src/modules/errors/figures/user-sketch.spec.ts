import fc from 'fast-check';
import { UserSketch } from './user-sketch.js';

function sketchOf(from: number, to: number): UserSketch {
  const sketch = new UserSketch();
  for (let user = from; user < to; user++) sketch.add(`user-${user}`);
  return sketch;
}

describe('UserSketch', () => {
  it.each([0, 1, 2, 100, 256])('counts %i users exactly', (count) => {
    expect(sketchOf(0, count).estimate()).toBe(count);
  });

  it.each([257, 1_000, 3_000, 5_000, 10_000, 100_000, 300_000])(
    'counts %i users with an error below four times its standard error',
    (count) => {
      const error = sketchOf(0, count).estimate() / count - 1;
      expect(Math.abs(error)).toBeLessThan(4 * 0.023);
    },
  );

  it('is right in the mean: there is no bias where other estimators have one', () => {
    const errors = Array.from({ length: 40 }, (_, round) => {
      const count = 2_000 + 150 * round;
      return sketchOf(round * 100_000, round * 100_000 + count).estimate() / count - 1;
    });
    const mean = errors.reduce((sum, error) => sum + error, 0) / errors.length;
    const deviation = Math.sqrt(errors.reduce((sum, error) => sum + error ** 2, 0) / errors.length);
    expect(Math.abs(mean)).toBeLessThan(0.012);
    expect(deviation).toBeLessThan(0.03);
  });

  it('counts nobody twice, whatever the order, the parts and the way through bytes', () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(600), { maxLength: 700 }),
        fc.array(fc.nat(600), { maxLength: 700 }),
        (ones, others) => {
          const [left, right, both] = [new UserSketch(), new UserSketch(), new UserSketch()];
          for (const user of ones) left.add(`${user}`);
          for (const user of others) right.add(`${user}`);
          for (const user of [...others, ...ones]) both.add(`${user}`);
          const merged = UserSketch.from(left.toBuffer());
          merged.merge(UserSketch.from(right.toBuffer()));
          expect(merged.estimate()).toBe(both.estimate());
        },
      ),
      { numRuns: 100 },
    );
  });

  it('stays small', () => {
    expect(sketchOf(0, 100_000).toBuffer().length).toBe(2_049);
    expect(sketchOf(0, 10).toBuffer().length).toBe(41);
    expect(UserSketch.from(null).estimate()).toBe(0);
  });
});
