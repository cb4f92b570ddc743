import { Module } from '@nestjs/common';
import { BackgroundJobs } from '../../../queues/background-jobs.js';
import { MuteEnding } from './mute-ending.service.js';

/** Mutes that end by themselves, in a worker that serves the queue `background`. */
@Module({ providers: [MuteEnding] })
export class MutesWorkerModule {
  constructor(jobs: BackgroundJobs, mutes: MuteEnding) {
    jobs.register('end-mutes', () => mutes.endDue());
  }
}
