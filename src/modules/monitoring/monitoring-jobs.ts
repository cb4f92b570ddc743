import { Injectable } from '@nestjs/common';
import { BackgroundJobs } from '../../queues/background-jobs.js';
import { DeadMan } from './self-doubt/dead-man.service.js';
import { SystemMetricsCollector } from './system-metrics/system-metrics.collector.js';

/** What monitoring does in the background: takes samples of this machine’s figures, and tells the outside that all is well. */
@Injectable()
export class MonitoringJobs {
  constructor(jobs: BackgroundJobs, collector: SystemMetricsCollector, deadMan: DeadMan) {
    jobs.register('collect-system-metrics', () => collector.collect());
    jobs.register('call-dead-man', () => deadMan.takeTurn());
  }
}
