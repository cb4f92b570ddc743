import { Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { JobQueue } from '../../../queues/job-queue.js';
import { MaintenanceJobs } from '../../../queues/maintenance-jobs.js';
import { RollUpService } from './roll-up.service.js';

/** Rolls up when its turn comes, and when a worker starts that finds something undone. */
@Injectable()
export class RollUpJob implements OnApplicationBootstrap {
  private readonly logger = new Logger(RollUpJob.name);

  constructor(
    maintenance: MaintenanceJobs,
    private readonly rollUps: RollUpService,
    private readonly jobs: JobQueue,
  ) {
    maintenance.register('roll-up', async () => {
      await rollUps.rollUp();
    });
  }

  async onApplicationBootstrap(): Promise<void> {
    try {
      if (await this.rollUps.isBehind()) await this.jobs.add('roll-up', {});
    } catch (error) {
      this.logger.warn(`Rollups wait for their turn: ${(error as Error).message}`);
    }
  }
}
