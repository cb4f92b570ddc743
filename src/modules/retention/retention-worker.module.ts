import { type DynamicModule, Module } from '@nestjs/common';
import type { QueueName } from '../../common/queue-names.js';
import { MaintenanceJobsProcessor } from './maintenance-jobs.processor.js';
import { RetentionService } from './retention.service.js';

/** Clean-up in a worker that serves the queue `maintenance`. */
@Module({})
export class RetentionWorkerModule {
  static forQueues(queues: readonly QueueName[]): DynamicModule {
    return {
      module: RetentionWorkerModule,
      providers: queues.includes('maintenance') ? [RetentionService, MaintenanceJobsProcessor] : [],
    };
  }
}
