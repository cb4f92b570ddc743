import { Injectable } from '@nestjs/common';
import type { JobName } from './jobs.js';

/** The jobs of the queue `maintenance`, which is worked off one at a time: each module brings its own. */
@Injectable()
export class MaintenanceJobs {
  private readonly work = new Map<string, () => Promise<void>>();

  register(name: JobName, work: () => Promise<void>): void {
    this.work.set(name, work);
  }

  async run(name: string): Promise<void> {
    const work = this.work.get(name);
    if (!work) throw new Error(`Nobody here does the job ${name}.`);
    await work();
  }
}
