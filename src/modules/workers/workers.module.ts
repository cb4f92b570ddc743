import { Module } from '@nestjs/common';
import { PROCESS_KIND, ProcessRegistry } from './process-registry.service.js';
import { WorkersController } from './workers.controller.js';
import { WorkersReader } from './workers.reader.js';

/** The registry of running processes, in the API: it is shown, and the API process is in it. */
@Module({
  controllers: [WorkersController],
  providers: [ProcessRegistry, WorkersReader, { provide: PROCESS_KIND, useValue: 'api' }],
  exports: [WorkersReader],
})
export class WorkersModule {}
