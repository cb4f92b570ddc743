import { Injectable } from '@nestjs/common';
import { type HealthCheckAttempt, HealthIndicatorService } from '@nestjs/terminus';
import { JobQueue } from '../../../queues/job-queue.js';
import { SharedQuestion } from '../shared-question.js';
import { probe } from './probe.js';

/** Asks the queue through the connection that jobs are added by, whichever backend carries it. */
@Injectable()
export class QueueIndicator {
  private readonly question: SharedQuestion<unknown>;

  constructor(
    private readonly indicators: HealthIndicatorService,
    jobs: JobQueue,
  ) {
    this.question = new SharedQuestion(() => jobs.queue('dispatch').isPaused());
  }

  check(): HealthCheckAttempt<'queue'> {
    return probe(this.indicators, 'queue', () => this.question.ask());
  }
}
