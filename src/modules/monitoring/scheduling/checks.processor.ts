import { Processor, WorkerHost } from '@nestjs/bullmq';
import { Inject, type OnApplicationBootstrap, type Type } from '@nestjs/common';
import type { Job } from 'bullmq';
import { CONFIG, type Config } from '../../../config/config.js';
import type { JobName, JobPayloads } from '../../../queues/jobs.js';
import { regionQueueName } from '../../../common/queue-names.js';
import { CheckRunner } from './check-runner.service.js';

/**
 * How soon a batch of a killed worker comes to another. Much shorter than BullMQ’s half minute, so that the slots are
 * still worth checking; a worker that merely stalls so long loses nothing, as a slot takes one result only.
 */
const LOCKS = { lockDuration: 10_000, stalledInterval: 5_000, maxStalledCount: 3 };

/** Runs batches of claimed slots. */
@Processor('checks', LOCKS)
export class ChecksProcessor extends WorkerHost implements OnApplicationBootstrap {
  constructor(
    protected readonly runner: CheckRunner,
    @Inject(CONFIG) private readonly config: Pick<Config, 'WORKER_CONCURRENCY'>,
  ) {
    super();
  }

  /** A batch lasts as long as its slowest answer, so many must be able to run side by side. */
  onApplicationBootstrap(): void {
    this.worker.concurrency = this.config.WORKER_CONCURRENCY;
  }

  process(job: Job<JobPayloads['run-checks']>): Promise<void> {
    return this.runner.runSlots(job.data.slots);
  }
}

/** Runs batches that only workers of `region` may check, and what a person wants checked from there. The name of a queue belongs to a class, hence one for each. */
export function checksProcessorOf(region: string): Type<ChecksProcessor> {
  @Processor(regionQueueName(region), LOCKS)
  class RegionChecksProcessor extends ChecksProcessor {
    override process(job: Job<JobPayloads['run-checks'] & JobPayloads['run-checks-now']>): Promise<void> {
      return job.name === ('run-checks-now' satisfies JobName)
        ? this.runner.runNow(job.data.endpoint_ids, job.timestamp)
        : super.process(job);
    }
  }
  return RegionChecksProcessor;
}
