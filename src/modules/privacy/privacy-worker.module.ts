import { Module } from '@nestjs/common';
import { BackgroundJobs } from '../../queues/background-jobs.js';
import { ErasureRunner } from './erasing/erasure-runner.js';

/** Erases people, in a worker that serves the queue `background`. */
@Module({ providers: [ErasureRunner] })
export class PrivacyWorkerModule {
  constructor(jobs: BackgroundJobs, erasures: ErasureRunner) {
    jobs.register('erase-persons', () => erasures.run());
  }
}
