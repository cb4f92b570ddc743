import { EventEmitter } from 'node:events';
import { type BeforeApplicationShutdown, Injectable, Logger } from '@nestjs/common';
import { QueueEvents } from 'bullmq';
import { CodedException } from '../../../common/coded-exception.js';
import { JobQueue } from '../../../queues/job-queue.js';
import { JOB_QUEUES, type JobName, type JobPayloads } from '../../../queues/jobs.js';
import { QueueBackend } from '../../../queues/queue-backend.js';
import { within } from '../../../common/within.js';

/** A finished job must be found again by whoever began to listen a moment too late. In seconds. */
const KEEP_FINISHED = { age: 60 };
const RETRY_AFTER_S = 5;

/** Adds jobs that somebody waits for, until this process is told to stop: a request that hangs would hold it up. */
@Injectable()
export class JobWaiter implements BeforeApplicationShutdown {
  private readonly logger = new Logger(JobWaiter.name);
  private readonly events = new Map<string, QueueEvents>();
  private readonly waiting = new Set<(reason: Error) => void>();
  private stopping = false;

  constructor(
    private readonly jobs: JobQueue,
    private readonly backend: QueueBackend,
  ) {}

  /**
   * Resolves with what the job answers, when a worker has finished it.
   * @param at becomes the job’s time stamp
   * @param region whose workers it is for; by default any
   * @throws CodedException `WORKER_UNAVAILABLE` when no worker is there, or none has finished within `patienceMs` or
   * before this process has to stop
   */
  run<Name extends JobName>(
    name: Name,
    payload: JobPayloads[Name],
    at: Date,
    patienceMs: number,
    region?: string,
  ): Promise<unknown> {
    // A queue that cannot be reached answers nothing at all, so the whole of it is timed.
    const done = within(patienceMs, this.addAndWait(name, payload, at, patienceMs, region), () => {
      throw workerUnavailable('No worker has answered in time.');
    });
    return this.untilStopping(done);
  }

  /** Before the server closes, which waits for its requests; after this nobody listens to the queues. */
  async beforeApplicationShutdown(): Promise<void> {
    this.stopping = true;
    for (const reject of this.waiting) reject(stoppingNow());
    await Promise.all([...this.events.values()].map((events) => events.close()));
  }

  private untilStopping(work: Promise<unknown>): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.waiting.add(reject);
      void work.then(resolve, reject).finally(() => this.waiting.delete(reject));
    });
  }

  private async addAndWait<Name extends JobName>(
    name: Name,
    payload: JobPayloads[Name],
    at: Date,
    patienceMs: number,
    region: string | undefined,
  ): Promise<unknown> {
    if (this.stopping) throw stoppingNow();
    const queue = region === undefined ? this.jobs.queue(JOB_QUEUES[name]) : this.jobs.regionQueue(region);
    if ((await queue.getWorkersCount()) === 0) {
      throw workerUnavailable(
        region === undefined ? 'No worker is running.' : `No worker is running in ${region}.`,
      );
    }
    const events = this.eventsOf(queue.name);
    await events.waitUntilReady();
    const options = {
      timestamp: at.getTime(),
      removeOnComplete: KEEP_FINISHED,
      removeOnFail: KEEP_FINISHED,
    };
    const job = await this.jobs.add(name, payload, options, region);
    const giveUp = (): void => endWait(events, job.id!);
    this.waiting.add(giveUp);
    try {
      return await job.waitUntilFinished(events, patienceMs);
    } catch (error) {
      if (this.stopping) throw stoppingNow();
      this.logger.warn(`Job ${name} was not finished: ${(error as Error).message}`);
      await job.remove().catch(() => undefined);
      throw workerUnavailable('No worker could finish in time.');
    } finally {
      this.waiting.delete(giveUp);
    }
  }

  /** Made when first needed: each holds a connection. */
  private eventsOf(queue: string): QueueEvents {
    const known = this.events.get(queue);
    if (known) return known;
    const events = new QueueEvents(queue, { connection: this.backend.connection, prefix: 'watchkeep' });
    events.on('error', (error) => this.logger.debug(`Events of queue ${queue}: ${error.message}`));
    this.events.set(queue, events);
    return events;
  }
}

/** What `waitUntilFinished` listens to; it has no other way to be ended, timer and all. */
function endWait(events: QueueEvents, jobId: string): void {
  EventEmitter.prototype.emit.call(events, `failed:${jobId}`, { failedReason: 'given up' });
}

function stoppingNow(): CodedException {
  return workerUnavailable('This server is stopping.');
}

function workerUnavailable(message: string): CodedException {
  return new CodedException('WORKER_UNAVAILABLE', message, undefined, RETRY_AFTER_S);
}
