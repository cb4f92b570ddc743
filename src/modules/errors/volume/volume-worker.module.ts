import { Module } from '@nestjs/common';
import { BackgroundJobs } from '../../../queues/background-jobs.js';
import { ExpiredGroups } from './expired-groups.js';
import { OccurrenceEviction } from './occurrence-eviction.js';
import { SpikeEnds } from './spike-ends.js';
import { VolumeCleanUp } from './volume-clean-up.js';

/** What makes room among errors, in a worker that serves the queue `background`. */
@Module({ providers: [ExpiredGroups, OccurrenceEviction, SpikeEnds, VolumeCleanUp] })
export class VolumeWorkerModule {
  constructor(jobs: BackgroundJobs, cleanUp: VolumeCleanUp, ends: SpikeEnds) {
    jobs.register('clean-up-errors', () => cleanUp.cleanUp());
    jobs.register('end-error-spikes', () => ends.run());
  }
}
