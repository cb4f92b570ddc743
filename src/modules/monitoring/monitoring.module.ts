import { Module } from '@nestjs/common';
import { IntegrationsModule } from '../integrations/integrations.module.js';
import { ProbesModule } from '../health/probes.module.js';
import { AddressGuard } from '../../common/outgoing/address-guard.js';
import { ChecksReader } from './statistics/checks.reader.js';
import { DefaultEndpoints } from './endpoints/default-endpoints.js';
import { DependenciesReader } from './states/dependencies.reader.js';
import { DependencyServices } from './services/dependency-services.js';
import { EndpointSecretsBox } from './endpoints/endpoint-secrets.js';
import { EndpointsController } from './endpoints/endpoints.controller.js';
import { EndpointsReader } from './endpoints/endpoints.reader.js';
import { EndpointsService } from './endpoints/endpoints.service.js';
import { HealthApiController } from './statistics/health-api.controller.js';
import { JobWaiter } from './manual-checks/job-waiter.js';
import { ManualChecksService } from './manual-checks/manual-checks.service.js';
import { MonitoringController } from './services/monitoring.controller.js';
import { MonitoringListener } from './states/monitoring.listener.js';
import { OverviewReader } from './statistics/overview.reader.js';
import { ServicesReader } from './services/services.reader.js';
import { SystemMetricsReader } from './system-metrics/system-metrics.reader.js';

/** Monitoring in the API: configuration, screens, and checks that somebody asks for. Workers do the checking. */
@Module({
  imports: [IntegrationsModule, ProbesModule],
  controllers: [EndpointsController, HealthApiController, MonitoringController],
  providers: [
    AddressGuard,
    ChecksReader,
    DefaultEndpoints,
    DependenciesReader,
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
