import { Injectable, Logger } from '@nestjs/common';
import { Counter } from 'prom-client';
import { DataSource } from 'typeorm';
import { NetworkGuard } from '../self-doubt/network-guard.service.js';
import { NO_PHASES } from '../checkers/phase-clock.js';
import { type CheckResult, unmeasured } from '../states/check-result.js';
import { CheckResultsWriter } from '../states/check-results.writer.js';
import { applyMiss, type Miss, rearm } from './heartbeat.js';
import { overdueEndpoints, type PushEndpoint, writeMisses } from './heartbeat.store.js';

const BATCH = 1_000;

/**
 * A deadline that passed longer ago than this was not watched: nothing was running, and what was sent meanwhile may
 * have reached nobody.
 */
const UNWATCHED_MS = 60_000;

const missing = new Counter({
  name: 'watchkeep_heartbeats_missing_total',
  help: 'Heartbeats and ends of runs that did not come in time.',
});

/**
 * Finds heartbeats that have not come. The result is written before the schedule moves on, and its slot is the deadline:
 * whoever is killed in between leaves the same work to the next beat, and two at once leave one result.
 */
@Injectable()
export class OverdueHeartbeats {
  private readonly logger = new Logger(OverdueHeartbeats.name);

  constructor(
    private readonly dataSource: DataSource,
    private readonly results: CheckResultsWriter,
    private readonly network: NetworkGuard,
  ) {}

  /** Records everything that is overdue, and says how many endpoints that were. */
  async run(now: Date): Promise<number> {
    let total = 0;
    for (;;) {
      const overdue = await overdueEndpoints(this.dataSource, now, BATCH);
      await this.recordAll(overdue, now.getTime());
      total += overdue.length;
      if (overdue.length < BATCH) return total;
    }
  }

  private async recordAll(overdue: readonly PushEndpoint[], now: number): Promise<void> {
    if (overdue.length === 0) return;
    const misses = overdue.map((endpoint) => ({ endpoint, ...judge(endpoint, now) }));
    await Promise.all(misses.map((miss) => this.record(miss, now)));
    await writeMisses(
      this.dataSource,
      misses.map(({ endpoint, heartbeat }) => ({
        id: endpoint.id,
        passed: endpoint.heartbeat.deadline!,
        heartbeat,
      })),
    );
    const unwatched = misses.filter(({ isWatched }) => !isWatched).length;
    if (unwatched > 0) {
      this.logger.warn(
        `${unwatched} heartbeats were due while nothing was running; whether they came is not known.`,
      );
    }
  }

  private async record(miss: JudgedMiss, now: number): Promise<void> {
    const result = resultOf(miss, now);
    if (miss.isWatched) missing.inc();
    // Without a network nothing reaches this monitor either.
    await this.results.write(await this.network.judge(result, `heartbeat ${miss.endpoint.id}`));
  }
}

interface JudgedMiss extends Miss {
  endpoint: PushEndpoint;
  /** Whether somebody was looking when the deadline passed. */
  isWatched: boolean;
}

function judge(endpoint: PushEndpoint, now: number): Omit<JudgedMiss, 'endpoint'> {
  if (now - endpoint.heartbeat.deadline! <= UNWATCHED_MS) {
    return { ...applyMiss(endpoint.heartbeat, endpoint, now), isWatched: true };
  }
  const heartbeat = rearm({ ...endpoint.heartbeat, run_started_at: null }, endpoint, now);
  return { reason: 'Not known: nothing was running when the heartbeat was due', heartbeat, isWatched: false };
}

function resultOf({ endpoint, reason, isWatched }: JudgedMiss, now: number): CheckResult {
  const slot = endpoint.heartbeat.deadline!;
  if (!isWatched) return unmeasured({ endpoint_id: endpoint.id, slot, since: slot }, now, reason);
  return {
    endpoint_id: endpoint.id,
    slot,
    checked_at: now,
    known_at: now,
    verdict: 'major_outage',
    measurement: {
      ok: false,
      status_code: null,
      error: reason,
      degraded: false,
      response_time_ms: null,
      phases: NO_PHASES,
      certificate: null,
    },
  };
}
