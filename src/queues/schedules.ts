import type { JobsOptions } from 'bullmq';
import type { Config } from '../config/config.js';
import type { JobName } from './jobs.js';

interface Schedule {
  job: JobName;
  /** Milliseconds between two runs. */
  every: (config: Config) => number;
  options?: JobsOptions;
}

/** All scheduled work. BullMQ runs each job once a turn, however many workers there are. */
export const SCHEDULES: readonly Schedule[] = [
  { job: 'dispatch-due-checks', every: (config) => config.DISPATCH_INTERVAL },
  { job: 'collect-system-metrics', every: (config) => config.METRICS_INTERVAL },
  { job: 'call-dead-man', every: (config) => config.DEADMAN_INTERVAL },
  // Workers ask for it at once when they lose their network; this is for one that died without it.
  { job: 'review-own-network', every: () => 10_000 },
  { job: 'probe-integrations', every: (config) => config.INTEGRATION_INTERVAL },
  { job: 'fold-error-tallies', every: (config) => config.FOLD_INTERVAL },
  { job: 'roll-up', every: (config) => config.ROLLUP_INTERVAL },
  // Docs and the length of samples rely on these ten seconds.
  { job: 'end-mutes', every: () => 10_000 },
  { job: 'end-error-spikes', every: () => 10_000 },
  // Often, so that a disk budget holds, and that event ids go in small portions.
  { job: 'clean-up-errors', every: () => 300_000 },
  // Begun at once when somebody asks; this carries on what a worker left behind.
  { job: 'erase-persons', every: () => 60_000 },
  {
    job: 'clean-up',
    every: (config) => config.CLEANUP_INTERVAL,
    // It gives up when a long reader holds a table; the next turn may be a day away.
    options: { attempts: 6, backoff: { type: 'exponential', delay: 10_000 } },
  },
];
