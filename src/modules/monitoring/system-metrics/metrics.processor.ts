import { Processor, WorkerHost } from '@nestjs/bullmq';
import type { Job } from 'bullmq';
import type { JobName } from '../../../queues/jobs.js';
import { DeadMan } from '../self-doubt/dead-man.service.js';
import { SystemMetricsCollector } from './system-metrics.collector.js';

/** Somebody may wait for a sample, while a call of the dead-man address gets no answer. */
const CONCURRENCY = 4;

/** Takes samples of this machine’s figures, and tells the outside that all is well. */
@Processor('metrics', { concurrency: CONCURRENCY })
export class MetricsProcessor extends WorkerHost {
  constructor(
    private readonly collector: SystemMetricsCollector,
    private readonly deadMan: DeadMan,
  ) {
    super();
  }

  process(job: Job<unknown, void, JobName>): Promise<void> {
    return job.name === 'call-dead-man' ? this.deadMan.takeTurn() : this.collector.collect();
  }
}
