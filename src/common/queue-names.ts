/** The queues that workers serve; a worker takes all of them unless `WORKER_QUEUES` says otherwise. */
export const QUEUE_NAMES = ['dispatch', 'checks', 'manual-checks', 'metrics', 'maintenance'] as const;

export type QueueName = (typeof QUEUE_NAMES)[number];
