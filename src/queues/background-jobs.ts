import { Injectable } from '@nestjs/common';
import type { JobName, JobPayloads } from './jobs.js';

type Work = (payload: never) => Promise<unknown>;

/** What is to be done for the jobs of the queue `background`: each module brings its own. */
@Injectable()
export class BackgroundJobs {
  private readonly work = new Map<string, Work>();

  register<Name extends JobName>(name: Name, work: (payload: JobPayloads[Name]) => Promise<unknown>): void {
    this.work.set(name, work);
  }

  async run(name: string, payload: unknown): Promise<void> {
    const work = this.work.get(name);
    if (!work) throw new Error(`Nobody here does the job ${name}.`);
    await work(payload as never);
  }
}
