import { type DynamicModule, Module } from '@nestjs/common';
import type { QueueName } from '../../common/queue-names.js';
import { HeldEndpointsReader } from '../monitoring/self-doubt/held-endpoints.reader.js';
import { WorkersReader } from '../workers/workers.reader.js';
import { IncidentsProcessor } from './incidents.processor.js';
import { SelfIncident } from './self-incident.service.js';

/** Incidents in a worker that serves the queue `incidents`: those that Watchkeep opens about itself. */
@Module({})
export class IncidentsWorkerModule {
  static forQueues(queues: readonly QueueName[]): DynamicModule {
    return {
      module: IncidentsWorkerModule,
      providers: queues.includes('incidents')
        ? [HeldEndpointsReader, WorkersReader, SelfIncident, IncidentsProcessor]
        : [],
    };
  }
}
