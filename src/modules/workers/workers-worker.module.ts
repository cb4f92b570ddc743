import { Module } from '@nestjs/common';
import { PROCESS_KIND, ProcessRegistry } from './process-registry.service.js';
import { WorkersReader } from './workers.reader.js';

/** The registry of running processes, in a worker. */
@Module({
  providers: [ProcessRegistry, WorkersReader, { provide: PROCESS_KIND, useValue: 'worker' }],
  exports: [WorkersReader],
})
export class WorkersWorkerModule {}
