import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Clock } from '../../../common/clock.js';
import { JobQueue } from '../../../queues/job-queue.js';

const MINUTE_MS = 60_000;
/** So long a source has to be within its limit. Longer than a minute: it is counted by whole minutes. */
const QUIET_MS = 2 * MINUTE_MS;
/** Minutes are of use while they run. */
const FORGET_MS = 10 * MINUTE_MS;
/** Incidents about spikes that ended so lately may still be open. */
const LATELY_MS = 30 * MINUTE_MS;

/** Ends spikes that are over, whichever process began them and whether it lives or not. */
@Injectable()
export class SpikeEnds {
  constructor(
    private readonly dataSource: DataSource,
    private readonly jobs: JobQueue,
    private readonly clock: Clock,
  ) {}

  async run(): Promise<void> {
    const now = this.clock.now().getTime();
    const ago = (milliseconds: number) => new Date(now - milliseconds);
    await this.dataSource.query(
      'UPDATE error_spikes SET ended_at = $1 WHERE ended_at IS NULL AND over_at < $2',
      [new Date(now), ago(QUIET_MS)],
    );
    await this.dataSource.query('DELETE FROM error_source_minutes WHERE minute < $1', [ago(FORGET_MS)]);
    const current = await this.dataSource.query<unknown[]>(
      'SELECT FROM error_spikes WHERE ended_at IS NULL UNION ALL SELECT FROM error_spikes WHERE ended_at >= $1 LIMIT 1',
      [ago(LATELY_MS)],
    );
    if (current.length > 0) await this.jobs.add('review-error-spikes', {});
  }
}
