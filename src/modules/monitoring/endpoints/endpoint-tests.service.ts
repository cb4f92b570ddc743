import { Injectable } from '@nestjs/common';
import { Clock } from '../../../common/clock.js';
import { invalidField } from '../../../common/coded-exception.js';
import { SecretBox } from '../../../common/secret-box.js';
import type { Assertion } from '../checkers/assertions.js';
import { daysLeft } from '../checkers/certificate-facts.js';
import { JobWaiter } from '../manual-checks/job-waiter.js';
import type { EndpointTestDto, EndpointTestResultDto } from './dto/endpoint-test.dto.js';
import type { Trial, TrialResult } from './endpoint-tester.js';
import { EndpointsService } from './endpoints.service.js';

/** Beyond the endpoint’s own timeout: for the queue. */
const PATIENCE_MS = 10_000;
const NAMELESS = 'Test';

/** Tries settings out before they are stored. */
@Injectable()
export class EndpointTestsService {
  constructor(
    private readonly endpoints: EndpointsService,
    private readonly jobs: JobWaiter,
    private readonly box: SecretBox,
    private readonly clock: Clock,
  ) {}

  /** @throws CodedException `VALIDATION_FAILED`, `TARGET_REFUSED`, `ENDPOINT_NOT_FOUND`, `WORKER_UNAVAILABLE` */
  async test({ id, name = NAMELESS, ...given }: EndpointTestDto): Promise<EndpointTestResultDto> {
    const { kind, degraded_threshold_ms, secret_options, ...settings } = await this.endpoints.complete(
      { ...given, name },
      id,
    );
    if (kind === 'push') throw invalidField('kind', 'is push: the endpoint reports by itself');
    const options = { ...settings.options, ...secret_options };
    const assertions = settings.assertions as Assertion[];
    const trial: Trial = { kind, degraded_threshold_ms, target: { ...settings, options, assertions } };
    const now = this.clock.now();
    const patience = settings.timeout_ms + PATIENCE_MS;
    const payload = { sealed: this.box.seal(trial) };
    const result = (await this.jobs.run('test-endpoint', payload, now, patience)) as TrialResult;
    return resultView(result, now);
  }
}

function resultView({ at, region, status, measurement }: TrialResult, now: Date): EndpointTestResultDto {
  const { ok, status_code, error, response_time_ms, phases, certificate } = measurement;
  return {
    at: new Date(at),
    region,
    ok,
    status,
    status_code,
    error,
    response_time_ms,
    phases,
    certificate: certificate && {
      subject: certificate.subject,
      issuer: certificate.issuer,
      names: certificate.names,
      valid_to: new Date(certificate.valid_to),
      days_left: daysLeft(certificate, now.getTime()),
      trusted: certificate.trusted,
      problem: certificate.problem,
    },
  };
}
