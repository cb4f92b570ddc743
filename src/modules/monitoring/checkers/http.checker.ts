import { Injectable } from '@nestjs/common';
import { formatDuration } from '../../../common/duration.js';
import {
  CheckFailure,
  type Checker,
  type CheckTarget,
  type EndpointAuth,
  type Measurement,
} from './checker.js';
import { isExpectedStatus } from './expected-status.js';
import { describeFailure } from './failure-words.js';
import { GuardedResolver } from '../../../common/outgoing/guarded-resolver.js';
import { type HopAnswer, type HopRequest, hostOf, sendHop } from './hop.js';
import { PhaseClock } from './phase-clock.js';
import { followRedirect, isRedirect } from './redirects.js';

const USER_AGENT = 'Watchkeep (uptime check)';

/** Checks an HTTP or HTTPS address: a fresh name lookup, connection and handshake each time. */
@Injectable()
export class HttpChecker implements Checker {
  constructor(private readonly resolver: GuardedResolver) {}

  async check(target: CheckTarget): Promise<Measurement> {
    const clock = new PhaseClock();
    let stop: ((reason: Error) => void) | undefined;
    const trail: HopRequest[] = [];
    const deadline = setTimeout(
      () => stop?.(this.timedOut(target.timeout_ms, clock, trail.at(-1)!)),
      target.timeout_ms,
    );
    try {
      trail.push(firstHop(target));
      const answer = await this.follow(trail, target, clock, (next) => (stop = next));
      return judge(answer, target, clock);
    } catch (error) {
      return failed(error, trail.at(-1), clock);
    } finally {
      clearTimeout(deadline);
    }
  }

  private timedOut(timeoutMs: number, { stage }: PhaseClock, hop: HopRequest): CheckFailure {
    if (stage === 'resolving the name' && this.resolver.isHeldUp(hostOf(hop.url))) {
      return new CheckFailure('Not checked: other names that cannot be resolved hold up the lookups', true);
    }
    return new CheckFailure(`Timed out after ${formatDuration(timeoutMs)} (${stage})`);
  }

  /** Requests until an answer is no redirect; `trail` grows by every hop. */
  private async follow(
    trail: HopRequest[],
    target: CheckTarget,
    clock: PhaseClock,
    onStoppable: (stop: (reason: Error) => void) => void,
  ): Promise<HopAnswer> {
    for (;;) {
      const hop = trail.at(-1)!;
      const answer = await sendHop(hop, this.resolver, clock, onStoppable);
      if (target.follow_redirects === 0 || !isRedirect(answer.status_code, answer.location)) return answer;
      if (trail.length > target.follow_redirects) {
        throw new CheckFailure(`Redirected more than ${target.follow_redirects} times`);
      }
      trail.push(followRedirect(hop, answer.status_code, answer.location));
    }
  }
}

function firstHop(target: CheckTarget): HopRequest {
  const url = new URL(target.url);
  const given = new Set(Object.keys(target.headers).map((name) => name.toLowerCase()));
  const defaults = Object.entries({
    Host: url.host,
    Accept: '*/*',
    'User-Agent': USER_AGENT,
    ...(target.auth && { Authorization: authorization(target.auth) }),
  }).filter(([name]) => !given.has(name.toLowerCase()));
  return {
    url,
    method: target.method,
    headers: { ...Object.fromEntries(defaults), ...target.headers },
    body: target.body,
    verify_tls: target.verify_tls,
  };
}

function authorization(auth: EndpointAuth): string {
  switch (auth.type) {
    case 'basic':
      return `Basic ${Buffer.from(`${auth.username}:${auth.password}`).toString('base64')}`;
    case 'bearer':
      return `Bearer ${auth.token}`;
  }
}

function judge(answer: HopAnswer, target: CheckTarget, clock: PhaseClock): Measurement {
  const expected = target.expected_status_codes;
  const ok = isExpectedStatus(expected, answer.status_code);
  return {
    ok,
    status_code: answer.status_code,
    error: ok ? null : `Expected ${expected.join(', ')}, got ${answer.status_code}`,
    response_time_ms: clock.elapsed,
    phases: clock.phases,
  };
}

function failed(error: unknown, hop: HopRequest | undefined, clock: PhaseClock): Measurement {
  const { text, ours } = describeFailure(error, hop ? hostOf(hop.url) : 'the host');
  return {
    ok: ours ? null : false,
    status_code: null,
    error: text,
    response_time_ms: null,
    phases: clock.phases,
  };
}
