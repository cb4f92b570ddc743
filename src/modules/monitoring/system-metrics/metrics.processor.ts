import { Processor, WorkerHost } from '@nestjs/bullmq';
import { SystemMetricsCollector } from './system-metrics.collector.js';

/** Takes a sample of this machine’s figures. */
@Processor('metrics')
export class MetricsProcessor extends WorkerHost {
  constructor(private readonly collector: SystemMetricsCollector) {
    super();
  }

  process(): Promise<void> {
    return this.collector.collect();
  }
}
