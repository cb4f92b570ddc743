import { Counter, Gauge, Histogram, register } from 'prom-client';

/** Reports that are durable, by what they did. */
export const receivedErrors = new Counter<'outcome'>({
  name: 'watchkeep_errors_received_total',
  help: 'Error reports stored, by outcome: new, duplicate, regression, repeated.',
  labelNames: ['outcome'],
});

/** Reports that were answered with a failure. */
export const refusedErrors = new Counter<'reason'>({
  name: 'watchkeep_errors_refused_total',
  help: 'Error reports refused, by reason: invalid, forbidden, limited, overloaded, failed (not stored).',
  labelNames: ['reason'],
});

export const flushDuration = new Histogram({
  name: 'watchkeep_error_flush_duration_seconds',
  help: 'Time to store one batch of error reports, commit included.',
  buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5],
});

export const flushSize = new Histogram({
  name: 'watchkeep_error_flush_size',
  help: 'Error reports stored in one batch.',
  buckets: [1, 2, 5, 10, 25, 50, 100, 250, 500],
});

const BUFFERED = 'watchkeep_errors_buffered';

/** Reads the number of buffered reports when metrics are scraped. A later writer of the same process takes over. */
export function watchBuffer(size: () => number): void {
  register.removeSingleMetric(BUFFERED);
  register.registerMetric(
    new Gauge({
      name: BUFFERED,
      help: 'Error reports accepted and not yet durable.',
      registers: [],
      collect() {
        this.set(size());
      },
    }),
  );
}
