import { Module } from '@nestjs/common';
import { MaintenanceController } from './maintenance.controller.js';
import { MaintenanceReader } from './maintenance.reader.js';
import { MaintenanceService } from './maintenance.service.js';

/** Maintenance windows in the API. Monitoring, in the workers, puts them into effect. */
@Module({
  controllers: [MaintenanceController],
  providers: [MaintenanceReader, MaintenanceService],
  exports: [MaintenanceReader],
})
export class MaintenanceModule {}
