import { type DynamicModule, Module, type Type } from '@nestjs/common';
import type { QueueName } from '../../common/queue-names.js';
import { AddressGuard } from '../../common/outgoing/address-guard.js';
import { CheckResultsWriter } from './states/check-results.writer.js';
import { CheckRunner } from './scheduling/check-runner.service.js';
import { CheckTargetsReader } from './scheduling/check-targets.reader.js';
import { GuardedResolver } from '../../common/outgoing/guarded-resolver.js';
import { ChecksProcessor, checksProcessorOf } from './scheduling/checks.processor.js';
import { DispatchProcessor } from './scheduling/dispatch.processor.js';
import { Dispatcher } from './scheduling/dispatcher.service.js';
import { DueSlotsStore } from './scheduling/due-slots.store.js';
import { EndpointTester } from './endpoints/endpoint-tester.js';
import { EndpointSecretsBox } from './endpoints/endpoint-secrets.js';
import { MaintenanceCoverageReader } from '../maintenance/maintenance-coverage.reader.js';
import { MaintenanceCoverageStore } from './states/maintenance-coverage.store.js';
import { MaintenanceStates } from './states/maintenance-states.service.js';
import { ManualChecksProcessor } from './manual-checks/manual-checks.processor.js';
import { MonitoringJobs } from './monitoring-jobs.js';
import { WorkersReader } from '../workers/workers.reader.js';
import { DeadMan } from './self-doubt/dead-man.service.js';
import { InstallationHealthReader } from './self-doubt/installation-health.reader.js';
import { NetworkGuard } from './self-doubt/network-guard.service.js';
import { WitnessMemory } from './self-doubt/witness-memory.js';
import { Witnesses } from './self-doubt/witnesses.js';
import { OverdueHeartbeats } from './heartbeats/overdue-heartbeats.service.js';
import { SilentRegions } from './states/silent-regions.service.js';
import { RollUpJob } from './statistics/roll-up.job.js';
import { RollUpService } from './statistics/roll-up.service.js';
import { SystemMetricsCollector } from './system-metrics/system-metrics.collector.js';

const PROCESSORS: Partial<Record<QueueName, Type>> = {
  dispatch: DispatchProcessor,
  checks: ChecksProcessor,
  'manual-checks': ManualChecksProcessor,
};

/** Monitoring in a worker: the processors of the queues that it serves, and what they need. */
@Module({})
export class MonitoringWorkerModule {
  static forQueues(queues: readonly QueueName[], region: string): DynamicModule {
    return {
      module: MonitoringWorkerModule,
      providers: [
        AddressGuard,
        CheckResultsWriter,
        CheckRunner,
        CheckTargetsReader,
        DeadMan,
        Dispatcher,
        DueSlotsStore,
        EndpointSecretsBox,
        EndpointTester,
        GuardedResolver,
        InstallationHealthReader,
        MaintenanceCoverageReader,
        MaintenanceCoverageStore,
        MaintenanceStates,
        NetworkGuard,
        OverdueHeartbeats,
        SilentRegions,
        SystemMetricsCollector,
        WitnessMemory,
        Witnesses,
        WorkersReader,
        ...queues.flatMap((queue) => PROCESSORS[queue] ?? []),
        ...(queues.includes('checks') ? [checksProcessorOf(region)] : []),
        ...(queues.includes('background') ? [MonitoringJobs, RollUpJob, RollUpService] : []),
      ],
    };
  }
}
