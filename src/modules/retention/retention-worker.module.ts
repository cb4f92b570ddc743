import { Module } from '@nestjs/common';
import { BackgroundJobs } from '../../queues/background-jobs.js';
import { RetentionService } from './retention.service.js';

/** Clean-up, in a worker that serves the queue `background`. */
@Module({ providers: [RetentionService] })
export class RetentionWorkerModule {
  constructor(jobs: BackgroundJobs, retention: RetentionService) {
    jobs.register('clean-up', () => retention.cleanUp());
  }
}
