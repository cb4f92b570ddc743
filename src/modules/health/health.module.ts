import { Module } from '@nestjs/common';
import { HealthController } from './health.controller.js';
import { HealthDocumentReader } from './health-document.reader.js';
import { HealthReader } from './health.reader.js';
import { MetricsController } from './metrics.controller.js';
import { MetricsReader } from './metrics.reader.js';
import { ProbesModule } from './probes.module.js';
import { QueueGauges } from './queue-gauges.js';

/** Probes, health documents and metrics of the API. */
@Module({
  imports: [ProbesModule],
  controllers: [HealthController, MetricsController],
  providers: [HealthReader, HealthDocumentReader, MetricsReader, QueueGauges],
})
export class HealthModule {}
