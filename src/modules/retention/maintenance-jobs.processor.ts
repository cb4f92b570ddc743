import { Processor, WorkerHost } from '@nestjs/bullmq';
import type { Job } from 'bullmq';
import { MaintenanceJobs } from '../../queues/maintenance-jobs.js';
import { RetentionService } from './retention.service.js';

/** Serves the queue `maintenance`: clean-up, and what other modules have registered. */
@Processor('maintenance')
export class MaintenanceJobsProcessor extends WorkerHost {
  constructor(
    private readonly jobs: MaintenanceJobs,
    retention: RetentionService,
  ) {
    super();
    jobs.register('clean-up', async () => {
      await retention.cleanUp();
    });
  }

  process(job: Job): Promise<void> {
    return this.jobs.run(job.name);
  }
}
