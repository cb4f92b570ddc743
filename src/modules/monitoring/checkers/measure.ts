import { formatDuration } from '../../../common/duration.js';
import type { GuardedResolver } from '../../../common/outgoing/guarded-resolver.js';
import { evaluateAssertions } from './assertions.js';
import { Attempt } from './attempt.js';
import { CheckFailure } from './check-failure.js';
import type { Answer, Checker, CheckTarget, Measurement } from './checker.js';
import { describeFailure } from './failure-words.js';
import { hideSecrets } from './hidden-secrets.js';

/**
 * Asks an endpoint once, within its timeout. Never rejects: whatever goes wrong is the result. What it says holds none of
 * the secrets that the endpoint was asked with.
 */
export async function measure<Options extends object>(
  checker: Checker<Options>,
  target: CheckTarget<Options>,
  resolver: GuardedResolver,
): Promise<Measurement> {
  const found = await attemptOnce(checker, target, resolver);
  const { error } = found;
  return error === null ? found : { ...found, error: hideSecrets(error, target, checker.secret_options) };
}

async function attemptOnce<Options extends object>(
  checker: Checker<Options>,
  target: CheckTarget<Options>,
  resolver: GuardedResolver,
): Promise<Measurement> {
  const attempt = new Attempt(resolver, target.timeout_ms);
  const deadline = setTimeout(() => attempt.stop(timedOut(target.timeout_ms, attempt)), target.timeout_ms);
  try {
    const answer = await checker.probe(target, attempt);
    return judge(answer, target, attempt);
  } catch (error) {
    return failed(error, attempt);
  } finally {
    clearTimeout(deadline);
    attempt.end();
  }
}

function timedOut(timeoutMs: number, attempt: Attempt): CheckFailure {
  if (attempt.isHeldUp) {
    return new CheckFailure('Not checked: other names that cannot be resolved hold up the lookups', true);
  }
  return new CheckFailure(`Timed out after ${formatDuration(timeoutMs)} (${attempt.clock.stage})`);
}

function judge(answer: Answer, { assertions }: CheckTarget, attempt: Attempt): Measurement {
  const response_time_ms = answer.response_time_ms ?? attempt.clock.elapsed;
  const failures =
    assertions.length === 0
      ? { hard: [], soft: [] }
      : evaluateAssertions(assertions, {
          text: answer.text ?? '',
          cut_at_kb: answer.cut_at_kb,
          headers: answer.headers ?? {},
          response_time_ms,
          certificate: attempt.certificate,
          now: Date.now(),
        });
  const hard = answer.failure ?? failures.hard[0];
  return {
    ok: hard === undefined,
    status_code: answer.status_code ?? null,
    error: hard ?? failures.soft[0] ?? null,
    degraded: hard === undefined && failures.soft.length > 0,
    response_time_ms,
    phases: attempt.clock.phases,
    certificate: attempt.certificate,
  };
}

function failed(error: unknown, attempt: Attempt): Measurement {
  const { text, ours } = describeFailure(error, attempt.host);
  return {
    ok: ours ? null : false,
    status_code: null,
    error: text,
    degraded: false,
    response_time_ms: null,
    phases: attempt.clock.phases,
    certificate: attempt.certificate,
  };
}
