import fc from 'fast-check';
import { figuresOf, mergeSummaries, type ResponseSummary, summaryOf } from './response-summary.js';

const check = fc.oneof(
  fc.record({ ok: fc.boolean(), response_time_ms: fc.float({ min: 0, max: 120_000, noNaN: true }) }),
  fc.record({ ok: fc.constant(false), response_time_ms: fc.constant(null) }),
  fc.record({ ok: fc.constant(null), response_time_ms: fc.constant(null) }),
);

describe('summaries', () => {
  it('merged in any order and any grouping are that of the raw rows', () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(check, { maxLength: 30 }), { maxLength: 12 }),
        fc.infiniteStream(fc.nat()),
        (parts, choice) => {
          const summaries = parts.map(summaryOf);
          // Any two at a time, until one is left: every order and every tree of merging comes up.
          const take = (): ResponseSummary =>
            summaries.splice(choice.next().value! % summaries.length, 1)[0]!;
          while (summaries.length > 1) summaries.push(mergeSummaries([take(), take()]));
          expect(summaries[0] ?? mergeSummaries([])).toEqual(summaryOf(parts.flat()));
        },
      ),
    );
  });
});

describe('figures', () => {
  it('stay between the extremes', () => {
    const figures = figuresOf(summaryOf([{ ok: true, response_time_ms: 12.345 }]));
    expect(figures).toEqual({ avg: 12.345, min: 12.345, max: 12.345, p50: 12.345, p95: 12.345, p99: 12.345 });
  });

  it('are nothing when nothing answered', () => {
    const figures = figuresOf(summaryOf([{ ok: null, response_time_ms: null }]));
    expect(Object.values(figures)).toEqual([null, null, null, null, null, null]);
  });

  it('are what one expects', () => {
    const times = Array.from({ length: 1_000 }, (_, index) => index + 1);
    const { avg, min, max, p50, p95, p99 } = figuresOf(
      summaryOf(times.map((response_time_ms) => ({ ok: true, response_time_ms }))),
    );
    expect({ avg, min, max }).toEqual({ avg: 500.5, min: 1, max: 1_000 });
    for (const [value, exact] of [
      [p50, 500],
      [p95, 950],
      [p99, 990],
    ] as const)
      expect(Math.abs(value! - exact) / exact).toBeLessThanOrEqual(0.0201);
  });
});
