import { Gauge } from 'prom-client';
import type { InstallationHealth } from './installation-health.reader.js';

const scheduleLag = new Gauge({
  name: 'watchkeep_schedule_lag_seconds',
  help: 'How long the endpoint that is overdue most has been due without being dispatched, looked at every 15 seconds.',
});

const queueAge = new Gauge({
  name: 'watchkeep_queue_age_seconds',
  help: 'How long the job that has waited longest has waited, looked at every 15 seconds.',
  labelNames: ['queue'] as const,
});

const liveWorkers = new Gauge({
  name: 'watchkeep_workers',
  help: 'Live workers that make checks, by region, looked at every 15 seconds.',
  labelNames: ['region'] as const,
});

/** Shows Prometheus how the installation does. By API processes only: a gauge that nobody sets would say that all is well. */
export function showInstallation({ schedule_lag_ms, queue_ages, regions }: InstallationHealth): void {
  scheduleLag.set(schedule_lag_ms / 1_000);
  queueAge.reset();
  for (const [queue, age] of queue_ages) queueAge.set({ queue }, age / 1_000);
  liveWorkers.reset();
  for (const { region, workers } of regions) liveWorkers.set({ region }, workers);
}
