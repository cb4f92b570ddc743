import { Module } from '@nestjs/common';
import { IntegrationsModule } from '../integrations/integrations.module.js';
import { ProbesModule } from '../health/probes.module.js';
import { WorkersModule } from '../workers/workers.module.js';
import { CheckIns } from '../../common/check-ins.js';
import { AddressGuard } from '../../common/outgoing/address-guard.js';
import { CheckInsService } from './heartbeats/check-ins.service.js';
import { ChecksReader } from './statistics/checks.reader.js';
import { DefaultEndpoints } from './endpoints/default-endpoints.js';
import { DependenciesReader } from './states/dependencies.reader.js';
import { BulkEndpointsService } from './endpoints/bulk-endpoints.service.js';
import { CheckResultsWriter } from './states/check-results.writer.js';
import { DependencyServices } from './services/dependency-services.js';
import { EndpointUptimeReader } from './statistics/endpoint-uptime.reader.js';
import { FleetUptimeReader } from './statistics/fleet-uptime.reader.js';
import { EndpointSecretsBox } from './endpoints/endpoint-secrets.js';
import { EndpointTestsService } from './endpoints/endpoint-tests.service.js';
import { EndpointsController } from './endpoints/endpoints.controller.js';
import { EndpointsReader } from './endpoints/endpoints.reader.js';
import { EndpointsService } from './endpoints/endpoints.service.js';
import { HeartbeatsService } from './heartbeats/heartbeats.service.js';
import { HealthApiController } from './statistics/health-api.controller.js';
import { InstallationHealthReader } from './self-doubt/installation-health.reader.js';
import { JobWaiter } from './manual-checks/job-waiter.js';
import { ManualChecksService } from './manual-checks/manual-checks.service.js';
import { MonitoringController } from './services/monitoring.controller.js';
import { MonitoringListener } from './states/monitoring.listener.js';
import { PushController } from './heartbeats/push.controller.js';
import { StrangerBound } from './heartbeats/stranger-bound.js';
import { OverviewReader } from './statistics/overview.reader.js';
import { ResponseTimesReader } from './statistics/response-times.reader.js';
import { StateIntervalsReader } from './statistics/state-intervals.reader.js';
import { UptimeBarsReader } from './statistics/uptime-bars.reader.js';
import { UptimeController } from './statistics/uptime.controller.js';
import { ServicesReader } from './services/services.reader.js';
import { SystemMetricsReader } from './system-metrics/system-metrics.reader.js';

/** Monitoring in the API: configuration, screens, and checks that somebody asks for. Workers do the checking. */
@Module({
  imports: [IntegrationsModule, ProbesModule, WorkersModule],
  controllers: [
    EndpointsController,
    HealthApiController,
    MonitoringController,
    PushController,
    UptimeController,
  ],
  providers: [
    AddressGuard,
    BulkEndpointsService,
    CheckInsService,
    { provide: CheckIns, useExisting: CheckInsService },
    CheckResultsWriter,
    ChecksReader,
    DefaultEndpoints,
    DependenciesReader,
    DependencyServices,
    EndpointSecretsBox,
    EndpointTestsService,
    EndpointUptimeReader,
    EndpointsReader,
    EndpointsService,
    InstallationHealthReader,
    HeartbeatsService,
    FleetUptimeReader,
    JobWaiter,
    ManualChecksService,
    MonitoringListener,
    OverviewReader,
    ResponseTimesReader,
    ServicesReader,
    StrangerBound,
    StateIntervalsReader,
    SystemMetricsReader,
    UptimeBarsReader,
  ],
  exports: [DefaultEndpoints, CheckIns],
})
export class MonitoringModule {}
