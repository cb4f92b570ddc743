import { Processor, WorkerHost } from '@nestjs/bullmq';
import type { Job } from 'bullmq';
import type { JobPayloads } from '../../queues/jobs.js';
import { IntegrationProbes } from './integration-probes.service.js';

/** One that has just changed need not wait until all the others have been probed. */
const CONCURRENCY = 4;

/** Probes integrations: all of them by schedule, some of them when they have changed. */
@Processor('integrations', { concurrency: CONCURRENCY })
export class IntegrationsProcessor extends WorkerHost {
  constructor(private readonly probes: IntegrationProbes) {
    super();
  }

  process({ data: { ids } }: Job<JobPayloads['probe-integrations']>): Promise<void> {
    return ids ? this.probes.probeSome(ids) : this.probes.probeAll();
  }
}
