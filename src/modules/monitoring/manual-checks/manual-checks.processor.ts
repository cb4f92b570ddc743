import { Processor, WorkerHost } from '@nestjs/bullmq';
import type { Job } from 'bullmq';
import type { JobName, JobPayloads } from '../../../queues/jobs.js';
import { EndpointTester } from '../endpoints/endpoint-tester.js';
import { CheckRunner } from '../scheduling/check-runner.service.js';

/** Jobs side by side: somebody waits for each, and one slow endpoint must not keep the others waiting. */
const CONCURRENCY = 16;

/** Runs checks that a person asked for. A queue of its own keeps them from standing behind scheduled ones. */
@Processor('manual-checks', { concurrency: CONCURRENCY })
export class ManualChecksProcessor extends WorkerHost {
  constructor(
    private readonly runner: CheckRunner,
    private readonly tester: EndpointTester,
  ) {
    super();
  }

  process(job: Job): Promise<unknown> {
    if (job.name === ('test-endpoint' satisfies JobName)) {
      return this.tester.test((job.data as JobPayloads['test-endpoint']).sealed);
    }
    return this.runner.runNow((job.data as JobPayloads['run-checks-now']).endpoint_ids, job.timestamp);
  }
}
