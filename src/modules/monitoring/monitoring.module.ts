import { Module } from '@nestjs/common';
import { ProbesModule } from '../health/probes.module.js';
import { AddressGuard } from './address-guard.js';
import { ChecksReader } from './checks.reader.js';
import { DefaultEndpoints } from './default-endpoints.js';
import { DependencyServices } from './dependency-services.js';
import { EndpointSecretsBox } from './endpoint-secrets.js';
import { EndpointsController } from './endpoints.controller.js';
import { EndpointsReader } from './endpoints.reader.js';
import { EndpointsService } from './endpoints.service.js';
import { HealthApiController } from './health-api.controller.js';
import { JobWaiter } from './job-waiter.js';
import { ManualChecksService } from './manual-checks.service.js';
import { MonitoringController } from './monitoring.controller.js';
import { MonitoringListener } from './monitoring.listener.js';
import { OverviewReader } from './overview.reader.js';
import { ServicesReader } from './services.reader.js';
import { SystemMetricsReader } from './system-metrics.reader.js';

/** Monitoring in the API: configuration, screens, and checks that somebody asks for. Workers do the checking. */
@Module({
  imports: [ProbesModule],
  controllers: [EndpointsController, HealthApiController, MonitoringController],
  providers: [
    AddressGuard,
    ChecksReader,
    DefaultEndpoints,
    DependencyServices,
    EndpointSecretsBox,
    EndpointsReader,
    EndpointsService,
    JobWaiter,
    ManualChecksService,
    MonitoringListener,
    OverviewReader,
    ServicesReader,
    SystemMetricsReader,
  ],
  exports: [DefaultEndpoints],
})
export class MonitoringModule {}
