import { Processor, WorkerHost } from '@nestjs/bullmq';
import type { Job } from 'bullmq';
import type { JobPayloads } from '../../../queues/jobs.js';
import { CheckRunner } from '../scheduling/check-runner.service.js';

/** Jobs side by side: somebody waits for each, and one slow endpoint must not keep the others waiting. */
const CONCURRENCY = 16;

/** Runs checks that a person asked for. A queue of its own keeps them from standing behind scheduled ones. */
@Processor('manual-checks', { concurrency: CONCURRENCY })
export class ManualChecksProcessor extends WorkerHost {
  constructor(private readonly runner: CheckRunner) {
    super();
  }

  process(job: Job<JobPayloads['run-checks-now']>): Promise<void> {
    return this.runner.runNow(job.data.endpoint_ids, job.timestamp);
  }
}
