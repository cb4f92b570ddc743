import { Injectable, Logger, type OnModuleDestroy } from '@nestjs/common';
import { QueueEvents } from 'bullmq';
import { CodedException } from '../../common/coded-exception.js';
import type { QueueName } from '../../common/queue-names.js';
import { JobQueue } from '../../queues/job-queue.js';
import { JOB_QUEUES, type JobName, type JobPayloads } from '../../queues/jobs.js';
import { QueueBackend } from '../../queues/queue-backend.js';
import { within } from './patience.js';

/** A finished job must be found again by whoever began to listen a moment too late. In seconds. */
const KEEP_FINISHED = { age: 60 };
const RETRY_AFTER_S = 5;

/** Adds jobs that somebody waits for. */
@Injectable()
export class JobWaiter implements OnModuleDestroy {
  private readonly logger = new Logger(JobWaiter.name);
  private readonly events = new Map<QueueName, QueueEvents>();

  constructor(
    private readonly jobs: JobQueue,
    private readonly backend: QueueBackend,
  ) {}

  /**
   * Resolves when a worker has finished the job.
   * @param at becomes the job’s time stamp
   * @throws CodedException `WORKER_UNAVAILABLE` when no worker is there, or none has finished within `patienceMs`
   */
  run<Name extends JobName>(
    name: Name,
    payload: JobPayloads[Name],
    at: Date,
    patienceMs: number,
  ): Promise<void> {
    // A queue that cannot be reached answers nothing at all, so the whole of it is timed.
    return within(patienceMs, this.addAndWait(name, payload, at, patienceMs), () => {
      throw workerUnavailable('No worker has answered in time.');
    });
  }

  private async addAndWait<Name extends JobName>(
    name: Name,
    payload: JobPayloads[Name],
    at: Date,
    patienceMs: number,
  ): Promise<void> {
    const queue = this.jobs.queue(JOB_QUEUES[name]);
    if ((await queue.getWorkersCount()) === 0) throw workerUnavailable('No worker is running.');
    const events = this.eventsOf(JOB_QUEUES[name]);
    await events.waitUntilReady();
    const job = await this.jobs.add(name, payload, {
      timestamp: at.getTime(),
      removeOnComplete: KEEP_FINISHED,
      removeOnFail: KEEP_FINISHED,
    });
    try {
      await job.waitUntilFinished(events, patienceMs);
    } catch (error) {
      this.logger.warn(`Job ${name} was not finished: ${(error as Error).message}`);
      await job.remove().catch(() => undefined);
      throw workerUnavailable('No worker could finish in time.');
    }
  }

  async onModuleDestroy(): Promise<void> {
    await Promise.all([...this.events.values()].map((events) => events.close()));
  }

  /** Made when first needed: each holds a connection. */
  private eventsOf(queue: QueueName): QueueEvents {
    const known = this.events.get(queue);
    if (known) return known;
    const events = new QueueEvents(queue, { connection: this.backend.connection, prefix: 'watchkeep' });
    events.on('error', (error) => this.logger.debug(`Events of queue ${queue}: ${error.message}`));
    this.events.set(queue, events);
    return events;
  }
}

function workerUnavailable(message: string): CodedException {
  return new CodedException('WORKER_UNAVAILABLE', message, undefined, RETRY_AFTER_S);
}
