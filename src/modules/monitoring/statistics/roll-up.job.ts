import { Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { BackgroundJobs } from '../../../queues/background-jobs.js';
import { JobQueue } from '../../../queues/job-queue.js';
import { RollUpService } from './roll-up.service.js';

/** Rolls up when its turn comes, and when a worker starts that finds something undone. */
@Injectable()
export class RollUpJob implements OnApplicationBootstrap {
  private readonly logger = new Logger(RollUpJob.name);

  constructor(
    background: BackgroundJobs,
    private readonly rollUps: RollUpService,
    private readonly jobs: JobQueue,
  ) {
    background.register('roll-up', () => rollUps.rollUp());
  }

  async onApplicationBootstrap(): Promise<void> {
    try {
      if (await this.rollUps.isBehind()) await this.jobs.add('roll-up', {});
    } catch (error) {
      this.logger.warn(`Rollups wait for their turn: ${(error as Error).message}`);
    }
  }
}
