/**
 * The queues that workers serve; a worker takes all of them unless `WORKER_QUEUES` says otherwise. Each costs a worker a
 * connection and a poll, so there is one for each wait that must not hold up another, and no more.
 */
export const QUEUE_NAMES = ['dispatch', 'checks', 'manual-checks', 'background'] as const;

export type QueueName = (typeof QUEUE_NAMES)[number];

/** The queue of checks that only workers of one region may make. */
export function regionQueueName(region: string): string {
  return `checks-${region}`;
}
