import { BullModule } from '@nestjs/bullmq';
import { Global, Module } from '@nestjs/common';
import { QUEUE_NAMES } from '../common/queue-names.js';
import { CONFIG, type Config } from '../config/config.js';
import { JobQueue } from './job-queue.js';
import { QueueBackend } from './queue-backend.js';

@Global()
@Module({
  providers: [
    { provide: QueueBackend, inject: [CONFIG], useFactory: (config: Config) => new QueueBackend(config) },
  ],
  exports: [QueueBackend],
})
class QueueBackendModule {}

/** The queues, for those who add jobs. Workers add {@link QueuesWorkerModule}. */
@Global()
@Module({
  imports: [
    QueueBackendModule,
    BullModule.forRootAsync({
      inject: [QueueBackend],
      useFactory: (backend: QueueBackend) => ({
        connection: backend.connection,
        prefix: 'watchkeep',
        defaultJobOptions: { removeOnComplete: true, removeOnFail: { count: 100 } },
      }),
    }),
    BullModule.registerQueue(...QUEUE_NAMES.map((name) => ({ name }))),
  ],
  providers: [JobQueue],
  exports: [JobQueue, BullModule],
})
export class QueuesModule {}
