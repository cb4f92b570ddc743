import { Processor, WorkerHost } from '@nestjs/bullmq';
import type { Job } from 'bullmq';
import { BackgroundJobs } from './background-jobs.js';

/** More than there are jobs that take long: a clean-up, or a probe without an answer, keeps nothing else waiting. */
const CONCURRENCY = 8;

/** Serves the queue `background`: all that is neither the beat nor a check. */
@Processor('background', { concurrency: CONCURRENCY })
export class BackgroundProcessor extends WorkerHost {
  constructor(private readonly jobs: BackgroundJobs) {
    super();
  }

  process({ name, data }: Job): Promise<void> {
    return this.jobs.run(name, data);
  }
}
