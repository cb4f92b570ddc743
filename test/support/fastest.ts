import { performance } from 'node:perf_hooks';

/** Milliseconds of the fastest of a few runs: what the work itself needs, whatever else the machine was doing. */
export function fastest(work: () => unknown, runs = 4): number {
  let best = Infinity;
  for (let run = 0; run < runs; run++) {
    const started = performance.now();
    work();
    best = Math.min(best, performance.now() - started);
  }
  return best;
}
