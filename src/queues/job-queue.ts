import { getQueueToken } from '@nestjs/bullmq';
import { Injectable, Logger, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import { type Job, type JobsOptions, Queue } from 'bullmq';
import { QUEUE_NAMES, type QueueName, regionQueueName } from '../common/queue-names.js';
import { logSparingly } from './sparing-log.js';
import { JOB_QUEUES, type JobName, type JobPayloads } from './jobs.js';

/** The one typed way to add a job. */
@Injectable()
export class JobQueue implements OnModuleInit, OnModuleDestroy {
  private readonly regionQueues = new Map<string, Queue>();
  private readonly report = logSparingly(new Logger(JobQueue.name), 'The queues are out of reach');

  constructor(private readonly modules: ModuleRef) {}

  onModuleInit(): void {
    for (const name of QUEUE_NAMES) {
      this.queue(name).on('error', this.report);
    }
  }

  queue(name: QueueName): Queue {
    return this.modules.get<Queue>(getQueueToken(name), { strict: false });
  }

  /** The queue of one region’s workers. Made when first needed: regions are names that people choose. */
  regionQueue(region: string): Queue {
    const known = this.regionQueues.get(region);
    if (known) return known;
    const queue = new Queue(regionQueueName(region), this.queue('checks').opts);
    queue.on('error', this.report);
    this.regionQueues.set(region, queue);
    return queue;
  }

  /** Adds a job to its queue, or to that of one region. */
  add<Name extends JobName>(
    name: Name,
    payload: JobPayloads[Name],
    options?: JobsOptions,
    region?: string,
  ): Promise<Job> {
    const queue = region === undefined ? this.queue(JOB_QUEUES[name]) : this.regionQueue(region);
    return queue.add(name, payload, options);
  }

  async onModuleDestroy(): Promise<void> {
    await Promise.all([...this.regionQueues.values()].map((queue) => queue.close()));
  }
}
