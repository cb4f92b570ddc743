import { Processor, WorkerHost } from '@nestjs/bullmq';
import { RetentionService } from './retention.service.js';

/** Removes old data, once a day. */
@Processor('maintenance')
export class RetentionProcessor extends WorkerHost {
  constructor(private readonly retention: RetentionService) {
    super();
  }

  async process(): Promise<void> {
    await this.retention.cleanUp();
  }
}
