import { Module } from '@nestjs/common';
import { AddressGuard } from '../../common/outgoing/address-guard.js';
import { GuardedResolver } from '../../common/outgoing/guarded-resolver.js';
import { IntegrationProbes } from './integration-probes.service.js';
import { IntegrationSecretsBox } from './integration-secrets.js';
import { IntegrationsController } from './integrations.controller.js';
import { IntegrationsListener } from './integrations.listener.js';
import { IntegrationsReader } from './integrations.reader.js';
import { IntegrationsService } from './integrations.service.js';
import { IntegrationProber } from './probing/integration-prober.js';

/** Outside services in the API: their settings, their health, and tests that somebody waits for. */
@Module({
  controllers: [IntegrationsController],
  providers: [
    AddressGuard,
    GuardedResolver,
    IntegrationProber,
    IntegrationProbes,
    IntegrationSecretsBox,
    IntegrationsListener,
    IntegrationsReader,
    IntegrationsService,
  ],
  exports: [IntegrationsReader],
})
export class IntegrationsModule {}
