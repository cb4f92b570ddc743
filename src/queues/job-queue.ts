import { getQueueToken } from '@nestjs/bullmq';
import { Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import type { Job, JobsOptions, Queue } from 'bullmq';
import { QUEUE_NAMES, type QueueName } from '../common/queue-names.js';
import { logSparingly } from './sparing-log.js';
import { JOB_QUEUES, type JobName, type JobPayloads } from './jobs.js';

/** The one typed way to add a job. */
@Injectable()
export class JobQueue implements OnModuleInit {
  private readonly logger = new Logger(JobQueue.name);

  constructor(private readonly modules: ModuleRef) {}

  onModuleInit(): void {
    const report = logSparingly(this.logger, 'The queues are out of reach');
    for (const name of QUEUE_NAMES) {
      this.queue(name).on('error', report);
    }
  }

  queue(name: QueueName): Queue {
    return this.modules.get<Queue>(getQueueToken(name), { strict: false });
  }

  add<Name extends JobName>(name: Name, payload: JobPayloads[Name], options?: JobsOptions): Promise<Job> {
    return this.queue(JOB_QUEUES[name]).add(name, payload, options);
  }
}
