import { Module } from '@nestjs/common';
import { HealthIncidentsController } from './health-incidents.controller.js';
import { IncidentsController } from './incidents.controller.js';
import { IncidentsListener } from './incidents.listener.js';
import { IncidentsReader } from './incidents.reader.js';
import { IncidentsService } from './incidents.service.js';

/** Incidents in the API: opened, changed, listed and announced. */
@Module({
  controllers: [IncidentsController, HealthIncidentsController],
  providers: [IncidentsService, IncidentsReader, IncidentsListener],
  exports: [IncidentsReader],
})
export class IncidentsModule {}
