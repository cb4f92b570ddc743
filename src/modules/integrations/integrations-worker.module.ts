import { type DynamicModule, Module } from '@nestjs/common';
import { AddressGuard } from '../../common/outgoing/address-guard.js';
import { GuardedResolver } from '../../common/outgoing/guarded-resolver.js';
import type { QueueName } from '../../common/queue-names.js';
import { IntegrationProbes } from './integration-probes.service.js';
import { IntegrationSecretsBox } from './integration-secrets.js';
import { IntegrationsProcessor } from './integrations.processor.js';
import { IntegrationProber } from './probing/integration-prober.js';

const PROVIDERS = [
  AddressGuard,
  GuardedResolver,
  IntegrationProber,
  IntegrationProbes,
  IntegrationSecretsBox,
  IntegrationsProcessor,
];

/** Probes of outside services, in a worker that serves the queue `integrations`. */
@Module({})
export class IntegrationsWorkerModule {
  static forQueues(queues: readonly QueueName[]): DynamicModule {
    return {
      module: IntegrationsWorkerModule,
      providers: queues.includes('integrations') ? PROVIDERS : [],
    };
  }
}
