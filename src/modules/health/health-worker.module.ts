import { Module } from '@nestjs/common';
import { ProbesModule } from './probes.module.js';
import { WorkerMetricsController } from './worker-metrics.controller.js';

/** The probes and metrics of a worker, on the small port of its own. */
@Module({ imports: [ProbesModule], controllers: [WorkerMetricsController] })
export class HealthWorkerModule {}
