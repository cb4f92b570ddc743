import { type DynamicModule, Module, type Type } from '@nestjs/common';
import type { QueueName } from '../../common/queue-names.js';
import { AddressGuard } from './address-guard.js';
import { CheckResultsWriter } from './check-results.writer.js';
import { CheckRunner } from './check-runner.service.js';
import { CheckTargetsReader } from './check-targets.reader.js';
import { CheckerRegistry } from './checkers/checker-registry.js';
import { GuardedResolver } from './checkers/guarded-resolver.js';
import { HttpChecker } from './checkers/http.checker.js';
import { ChecksProcessor } from './checks.processor.js';
import { DispatchProcessor } from './dispatch.processor.js';
import { Dispatcher } from './dispatcher.service.js';
import { DueSlotsStore } from './due-slots.store.js';
import { EndpointSecretsBox } from './endpoint-secrets.js';
import { ManualChecksProcessor } from './manual-checks.processor.js';
import { MetricsProcessor } from './metrics.processor.js';
import { SystemMetricsCollector } from './system-metrics.collector.js';

const PROCESSORS: Partial<Record<QueueName, Type>> = {
  dispatch: DispatchProcessor,
  checks: ChecksProcessor,
  'manual-checks': ManualChecksProcessor,
  metrics: MetricsProcessor,
};

/** Monitoring in a worker: the processors of the queues that it serves, and what they need. */
@Module({})
export class MonitoringWorkerModule {
  static forQueues(queues: readonly QueueName[]): DynamicModule {
    return {
      module: MonitoringWorkerModule,
      providers: [
        AddressGuard,
        CheckResultsWriter,
        CheckRunner,
        CheckTargetsReader,
        CheckerRegistry,
        Dispatcher,
        DueSlotsStore,
        EndpointSecretsBox,
        GuardedResolver,
        HttpChecker,
        SystemMetricsCollector,
        ...queues.flatMap((queue) => PROCESSORS[queue] ?? []),
      ],
    };
  }
}
