import type { Job, Queue } from 'bullmq';
import { QUEUE_NAMES, regionQueueName } from '../../../common/queue-names.js';
import type { JobQueue } from '../../../queues/job-queue.js';
import { within } from '../../../common/within.js';

/** A queue that cannot be reached never answers. */
const PATIENCE_MS = 1_000;
/** Jobs that are looked at, to find the oldest. */
const TAIL = 10;

/** How long the oldest job of each queue has waited, in milliseconds, by name; empty when the queues do not answer. */
export async function queueAges(
  jobs: JobQueue,
  regions: readonly string[],
  now: Date,
): Promise<Map<string, number>> {
  const queues: [name: string, queue: Queue][] = [
    ...QUEUE_NAMES.map((name): [string, Queue] => [name, jobs.queue(name)]),
    ...regions.map((region): [string, Queue] => [regionQueueName(region), jobs.regionQueue(region)]),
  ];
  const ages = Promise.all(
    queues.map(async ([name, queue]): Promise<[string, number]> => [name, await ageOf(queue, now)]),
  );
  return new Map(
    await within(
      PATIENCE_MS,
      ages.catch(() => []),
      () => [],
    ),
  );
}

/** The oldest stands at the end, in both backends; others may be taken while we look. */
async function ageOf(queue: Queue, now: Date): Promise<number> {
  const { waiting = 0 } = await queue.getJobCounts('waiting');
  if (waiting === 0) return 0;
  const last = await queue.getJobs(['waiting'], Math.max(0, waiting - TAIL), waiting - 1, false);
  return Math.max(0, ...last.map((job) => now.getTime() - dueSince(job)));
}

/** A scheduled job is made when the one before it runs: its wait begins when it is due. */
function dueSince({ timestamp, opts }: Job): number {
  return Math.max(timestamp, opts.prevMillis ?? 0);
}
