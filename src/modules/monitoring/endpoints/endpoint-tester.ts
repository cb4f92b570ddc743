import { Inject, Injectable } from '@nestjs/common';
import { Clock } from '../../../common/clock.js';
import { GuardedResolver } from '../../../common/outgoing/guarded-resolver.js';
import { SecretBox } from '../../../common/secret-box.js';
import { CONFIG, type Config } from '../../../config/config.js';
import type { EndpointState } from '../../../database/entities/endpoint-status.entity.js';
import { type CheckedKind, CHECKERS } from '../checkers/checker-registry.js';
import type { CheckTarget, Measurement } from '../checkers/checker.js';
import { measure } from '../checkers/measure.js';
import { verdictOf } from '../states/check-result.js';

/** What is to be tried. It travels sealed. */
export interface Trial {
  kind: CheckedKind;
  degraded_threshold_ms: number | null;
  target: CheckTarget;
}

/** What came of it, as it travels back. */
export interface TrialResult {
  /** Milliseconds since the epoch. */
  at: number;
  region: string;
  status: EndpointState;
  measurement: Measurement;
}

/** Tries settings out, in a worker: it reaches what the checks will reach. Nothing is stored. */
@Injectable()
export class EndpointTester {
  constructor(
    private readonly box: SecretBox,
    private readonly resolver: GuardedResolver,
    private readonly clock: Clock,
    @Inject(CONFIG) private readonly config: Pick<Config, 'WORKER_REGION'>,
  ) {}

  async test(sealed: string): Promise<TrialResult> {
    const { kind, target, degraded_threshold_ms } = this.box.open<Trial>(sealed);
    const at = this.clock.now().getTime();
    const measurement = await measure(CHECKERS[kind], target, this.resolver);
    const status = verdictOf(measurement, degraded_threshold_ms);
    return { at, region: this.config.WORKER_REGION, status, measurement };
  }
}
