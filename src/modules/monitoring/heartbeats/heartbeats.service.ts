import { Injectable } from '@nestjs/common';
import { Counter } from 'prom-client';
import { DataSource } from 'typeorm';
import { Clock } from '../../../common/clock.js';
import { CodedException } from '../../../common/coded-exception.js';
import { NO_PHASES } from '../checkers/phase-clock.js';
import { type CheckResult, verdictOf } from '../states/check-result.js';
import { CheckResultsWriter } from '../states/check-results.writer.js';
import { applySignal, type Heartbeat, type Signal } from './heartbeat.js';
import { lockPushEndpoint, type PushEndpoint, writeHeartbeat } from './heartbeat.store.js';
import { hashPushToken } from './push-token.js';
import { RateBound } from './rate-bound.js';

/** Reports of one endpoint: a job that runs every second reports its start and its end. */
const PER_ENDPOINT = { perSecond: 5, burst: 50 };
const MAX_ERROR_LENGTH = 500;
/**
 * A deadline as near as this may have been found to be past: by a beat that has begun before the report is stored, or by
 * a clock that is ahead of ours.
 */
const NEAR_MS = 500;

const heartbeats = new Counter({
  name: 'watchkeep_heartbeats_total',
  help: 'Heartbeats that were taken, by what they report: success, fail or start.',
  labelNames: ['kind'] as const,
});

/** Takes what endpoints report by themselves. */
@Injectable()
export class HeartbeatsService {
  private readonly bound = new RateBound(PER_ENDPOINT);

  constructor(
    private readonly dataSource: DataSource,
    private readonly results: CheckResultsWriter,
    private readonly clock: Clock,
  ) {}

  /**
   * Takes a report that came to the address with this token. Resolves once it is durable.
   * @throws CodedException `ENDPOINT_NOT_FOUND`, `RATE_LIMIT_EXCEEDED`
   */
  async ping(token: string, signal: Signal): Promise<void> {
    const [found] = await this.dataSource.query<{ id: string }[]>(
      'SELECT id FROM endpoints WHERE push_token_hash = $1',
      [hashPushToken(token)],
    );
    if (!found) throw noSuchEndpoint();
    await this.report(found.id, signal);
  }

  /**
   * Takes a report about an endpoint, from wherever it is known that it may report: other protocols of check-ins come in
   * here. Resolves once it is durable.
   * @throws CodedException `ENDPOINT_NOT_FOUND` when it is no push endpoint, `RATE_LIMIT_EXCEEDED`
   */
  async report(endpointId: string, signal: Signal): Promise<void> {
    const retryAfter = this.bound.take(endpointId, this.clock.now().getTime());
    if (retryAfter !== undefined) {
      throw new CodedException(
        'RATE_LIMIT_EXCEEDED',
        'This endpoint reports too often.',
        undefined,
        retryAfter,
      );
    }
    const { endpoint, heartbeat } = await this.record(endpointId, signal);
    heartbeats.inc({ kind: signal.kind });
    if (signal.kind !== 'start' && endpoint.enabled)
      await this.results.writeSoon(resultOf(endpoint, heartbeat, signal));
  }

  private record(id: string, signal: Signal): Promise<{ endpoint: PushEndpoint; heartbeat: Heartbeat }> {
    return this.dataSource.transaction(async (manager) => {
      const endpoint = await lockPushEndpoint(manager, id);
      if (!endpoint) throw noSuchEndpoint();
      const at = timeOf(endpoint, this.clock.now().getTime());
      const heartbeat = applySignal(endpoint.heartbeat, signal, endpoint, at);
      await writeHeartbeat(manager, endpoint, heartbeat);
      return { endpoint, heartbeat };
    });
  }
}

/**
 * When a report counts as heard: later than everything that is known or being stored, even if clocks disagree. It is
 * news, and what is missing counts from the deadline.
 */
function timeOf({ heartbeat, last_slot }: PushEndpoint, now: number): number {
  const { last_ping_at, deadline } = heartbeat;
  const isNear = deadline !== null && deadline - now < NEAR_MS;
  return Math.max(now, (last_slot ?? 0) + 1, Math.floor(last_ping_at ?? 0) + 1, isNear ? deadline + 1 : 0);
}

function resultOf(endpoint: PushEndpoint, heartbeat: Heartbeat, signal: Signal): CheckResult {
  const at = heartbeat.last_ping_at!;
  const measurement = {
    ok: signal.kind === 'success',
    status_code: null,
    error: signal.kind === 'success' ? null : wordsOf(signal),
    degraded: false,
    response_time_ms: heartbeat.last_duration_ms,
    phases: NO_PHASES,
    certificate: null,
  };
  return {
    endpoint_id: endpoint.id,
    slot: at,
    checked_at: at,
    known_at: at,
    verdict: verdictOf(measurement, endpoint.degraded_threshold_ms),
    measurement,
  };
}

/** The first line is enough where errors are listed; the endpoint keeps the whole message. */
function wordsOf({ exit_code, message }: Signal): string {
  const what = exit_code === null ? 'Reported as failed' : `Ended with exit code ${exit_code}`;
  const line = message
    ?.split('\n')
    .map((each) => each.trim())
    .find((each) => each !== '');
  return (line ? `${what}: ${line}` : what).slice(0, MAX_ERROR_LENGTH);
}

function noSuchEndpoint(): CodedException {
  return new CodedException('ENDPOINT_NOT_FOUND', 'There is no such endpoint.');
}
