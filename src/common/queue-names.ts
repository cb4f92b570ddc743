/** The queues that workers serve; a worker takes all of them unless `WORKER_QUEUES` says otherwise. */
export const QUEUE_NAMES = [
  'dispatch',
  'checks',
  'manual-checks',
  'metrics',
  'maintenance',
  'maintenance-windows',
  'incidents',
  'integrations',
] as const;

export type QueueName = (typeof QUEUE_NAMES)[number];

/** The queue of checks that only workers of one region may make. */
export function regionQueueName(region: string): string {
  return `checks-${region}`;
}
