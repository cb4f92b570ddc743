import { WorkerHost } from '@nestjs/bullmq';
import {
  type BeforeApplicationShutdown,
  type DynamicModule,
  Global,
  Inject,
  Injectable,
  Logger,
  Module,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { DiscoveryModule, DiscoveryService } from '@nestjs/core';
import type { QueueName } from '../common/queue-names.js';
import { CONFIG, type Config } from '../config/config.js';
import { BackgroundJobs } from './background-jobs.js';
import { BackgroundProcessor } from './background.processor.js';
import { JobQueue } from './job-queue.js';
import { QueueBackend } from './queue-backend.js';
import { JOB_QUEUES } from './jobs.js';
import { logSparingly } from './sparing-log.js';
import { SCHEDULES } from './schedules.js';

/** Registers the schedules of the queues that this worker serves, and drains its processors before anything else stops. */
@Injectable()
export class WorkerRuntime implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger(WorkerRuntime.name);

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly jobs: JobQueue,
    private readonly backend: QueueBackend,
    private readonly discovery: DiscoveryService,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    const report = logSparingly(this.logger, 'The queues are out of reach');
    for (const { worker } of this.hosts()) {
      worker.on('error', report);
      worker.on('failed', (job, error) =>
        this.logger.warn(`Job ${job?.name ?? '?'} failed: ${error.message}`),
      );
    }
    await Promise.all(SCHEDULES.map((schedule) => this.register(schedule)));
  }

  /**
   * Active jobs finish; those not begun return to their queue for another worker. Without Redis no job can finish:
   * BullMQ would try for ever, and the job runs again anyhow.
   */
  async beforeApplicationShutdown(): Promise<void> {
    const { isLost } = this.backend;
    if (isLost) this.logger.warn('Redis is out of reach: what runs now will run again');
    await Promise.all(this.hosts().map(({ worker }) => worker.close(isLost)));
  }

  private async register({ job, every, options }: (typeof SCHEDULES)[number]): Promise<void> {
    const queue: QueueName = JOB_QUEUES[job];
    if (!this.config.WORKER_QUEUES.includes(queue)) return;
    await this.jobs
      .queue(queue)
      .upsertJobScheduler(job, { every: every(this.config) }, { name: job, data: {}, opts: options });
  }

  private hosts(): WorkerHost[] {
    return this.discovery
      .getProviders()
      .map((wrapper) => wrapper.instance as unknown)
      .filter((instance): instance is WorkerHost => instance instanceof WorkerHost);
  }
}

@Global()
@Module({ imports: [DiscoveryModule] })
export class QueuesWorkerModule {
  static forQueues(queues: readonly QueueName[]): DynamicModule {
    return {
      module: QueuesWorkerModule,
      providers: [
        WorkerRuntime,
        BackgroundJobs,
        ...(queues.includes('background') ? [BackgroundProcessor] : []),
      ],
      exports: [BackgroundJobs],
    };
  }
}
