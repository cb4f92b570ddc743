import type { GuardedResolver } from '../../../common/outgoing/guarded-resolver.js';

/** What a probe works with. Its connections end with `signal`. */
export interface ProbeContext {
  resolver: GuardedResolver;
  /** Aborted when the time is up. */
  signal: AbortSignal;
  /** Says what the probe is at, so that one that runs out of time can tell. */
  stage: (doing: string) => void;
}

/** What is wrong with an integration, for a person. */
export class ProbeFailure extends Error {
  constructor(
    message: string,
    /** Says nothing about the service: it was not measured. */
    readonly unmeasured = false,
  ) {
    super(message);
  }
}
