import { Module } from '@nestjs/common';
import { AddressGuard } from '../../common/outgoing/address-guard.js';
import { GuardedResolver } from '../../common/outgoing/guarded-resolver.js';
import { BackgroundJobs } from '../../queues/background-jobs.js';
import { IntegrationProbes } from './integration-probes.service.js';
import { IntegrationSecretsBox } from './integration-secrets.js';
import { IntegrationProber } from './probing/integration-prober.js';

/** Probes of outside services, in a worker that serves the queue `background`. */
@Module({
  providers: [AddressGuard, GuardedResolver, IntegrationProber, IntegrationProbes, IntegrationSecretsBox],
})
export class IntegrationsWorkerModule {
  constructor(jobs: BackgroundJobs, probes: IntegrationProbes) {
    jobs.register('probe-integrations', ({ ids }) => (ids ? probes.probeSome(ids) : probes.probeAll()));
  }
}
