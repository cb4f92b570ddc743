import { Module } from '@nestjs/common';
import { BackgroundJobs } from '../../queues/background-jobs.js';
import { HeldEndpointsReader } from '../monitoring/self-doubt/held-endpoints.reader.js';
import { WorkersReader } from '../workers/workers.reader.js';
import { SpikesReader } from '../errors/volume/spikes.reader.js';
import { SelfIncident } from './self-incident.service.js';
import { SpikeIncidents } from './spike-incidents.service.js';

/** Incidents that Watchkeep opens about itself, in a worker that serves the queue `background`. */
@Module({ providers: [HeldEndpointsReader, WorkersReader, SpikesReader, SelfIncident, SpikeIncidents] })
export class IncidentsWorkerModule {
  constructor(jobs: BackgroundJobs, selfIncident: SelfIncident, spikes: SpikeIncidents) {
    jobs.register('review-own-network', () => selfIncident.review());
    jobs.register('review-error-spikes', () => spikes.review());
  }
}
