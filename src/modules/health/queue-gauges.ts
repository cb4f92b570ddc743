import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { QUEUE_NAMES, type QueueName } from '../../common/queue-names.js';
import { JobQueue } from '../../queues/job-queue.js';
import { registerGauge } from './metric-registration.js';
import { SharedQuestion } from './shared-question.js';

const STATES = ['waiting', 'active', 'delayed', 'failed'] as const;
type State = (typeof STATES)[number];
/** How long a scrape waits for fresh counts. */
const PATIENCE_MS = 50;
/** Counts older than this are not shown: no figure is better than a wrong one. */
const STALE_AFTER_MS = 60_000;

type Counts = Map<QueueName, Record<State, number>>;

/** How many jobs stand in each queue. Whoever scales workers scales on this. */
@Injectable()
export class QueueGauges implements OnModuleInit {
  private counts: Counts | undefined;
  private countedAt = 0;
  private readonly counting = new SharedQuestion(() => this.count());

  constructor(private readonly jobs: JobQueue) {}

  onModuleInit(): void {
    const read = (): Promise<Counts | undefined> => this.read();
    registerGauge({
      name: 'watchkeep_queue_jobs',
      help: 'Jobs in each queue, by state.',
      labelNames: ['queue', 'state'] as const,
      async collect() {
        const counts = await read();
        this.reset();
        for (const [queue, states] of counts ?? []) {
          for (const state of STATES) this.set({ queue, state }, states[state]);
        }
      },
    });
  }

  /** Fresh counts if they come soon, else the last ones: a slow backend must not hold up the scrape. */
  private async read(): Promise<Counts | undefined> {
    await Promise.race([this.counting.ask(), sleep(PATIENCE_MS, undefined, { ref: false })]);
    return Date.now() - this.countedAt < STALE_AFTER_MS ? this.counts : undefined;
  }

  private async count(): Promise<void> {
    try {
      this.counts = new Map(
        await Promise.all(QUEUE_NAMES.map(async (name) => [name, await this.countJobs(name)] as const)),
      );
      this.countedAt = Date.now();
    } catch {
      // Readiness reports a queue that cannot be reached.
    }
  }

  /** Jobs with a priority stand in a list of their own, and wait like any other. */
  private async countJobs(name: QueueName): Promise<Record<State, number>> {
    const counts = await this.jobs.queue(name).getJobCounts(...STATES, 'prioritized');
    const of = (type: string): number => counts[type] ?? 0;
    return {
      waiting: of('waiting') + of('prioritized'),
      active: of('active'),
      delayed: of('delayed'),
      failed: of('failed'),
    };
  }
}
