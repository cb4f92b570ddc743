import { Module } from '@nestjs/common';
import { BackgroundJobs } from '../../../queues/background-jobs.js';
import { FoldService } from './fold.service.js';

/** Figures of errors, in a worker that serves the queue `background`. */
@Module({ providers: [FoldService] })
export class ErrorFiguresWorkerModule {
  constructor(jobs: BackgroundJobs, folds: FoldService) {
    jobs.register('fold-error-tallies', () => folds.fold());
  }
}
