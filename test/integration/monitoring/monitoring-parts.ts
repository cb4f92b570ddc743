import { Logger } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import { v7 } from 'uuid';
import { Clock } from '../../../src/common/clock.js';
import { SecretBox } from '../../../src/common/secret-box.js';
import { WorkFigures } from '../../../src/common/work-figures.js';
import { AddressGuard } from '../../../src/common/outgoing/address-guard.js';
import { CheckResultsWriter } from '../../../src/modules/monitoring/states/check-results.writer.js';
import { CheckRunner } from '../../../src/modules/monitoring/scheduling/check-runner.service.js';
import { CheckTargetsReader } from '../../../src/modules/monitoring/scheduling/check-targets.reader.js';
import type { CheckResult } from '../../../src/modules/monitoring/states/check-result.js';
import { GuardedResolver } from '../../../src/common/outgoing/guarded-resolver.js';
import { Dispatcher } from '../../../src/modules/monitoring/scheduling/dispatcher.service.js';
import { DueSlotsStore } from '../../../src/modules/monitoring/scheduling/due-slots.store.js';
import { SilentRegions } from '../../../src/modules/monitoring/states/silent-regions.service.js';
import { EndpointSecretsBox } from '../../../src/modules/monitoring/endpoints/endpoint-secrets.js';
import { NetworkGuard } from '../../../src/modules/monitoring/self-doubt/network-guard.service.js';
import { WitnessMemory } from '../../../src/modules/monitoring/self-doubt/witness-memory.js';
import { Witnesses } from '../../../src/modules/monitoring/self-doubt/witnesses.js';
import type { Verdict } from '../../../src/modules/monitoring/states/endpoint-state.js';
import type { JobQueue } from '../../../src/queues/job-queue.js';
import type { CheckSlot } from '../../../src/queues/jobs.js';
import type { Bus } from '../../../src/realtime/bus.js';
import type { ServiceStatusChange } from '../../../src/realtime/events.js';

// The tests bring about what a healthy day does not have.
Logger.overrideLogger(['error', 'fatal']);

/** A clock that tests move. Starts at the real time: partitions exist only around it. */
export class TestClock extends Clock {
  private offset = 0;
  private held: number | undefined;

  override now(): Date {
    return new Date(this.held ?? Date.now() + this.offset);
  }

  /** Stops the clock, by default where it is. */
  hold(at = Date.now()): number {
    this.held = at;
    return at;
  }

  advance(milliseconds: number): void {
    if (this.held === undefined) this.offset += milliseconds;
    else this.held += milliseconds;
  }
}

/** Keeps what is published. */
export class RecordingBus {
  readonly changes: ServiceStatusChange[] = [];
  /** Endpoints that have begun or ceased to flap. */
  readonly flaps: ServiceStatusChange[] = [];

  publishAll(event: string, payloads: readonly ServiceStatusChange[]): Promise<void> {
    (event === 'endpoint.flapping_changed' ? this.flaps : this.changes).push(...payloads);
    return Promise.resolve();
  }
}

export interface QueuedJob {
  slots: CheckSlot[];
  jobId: string;
  region: string | undefined;
}

/** The monitoring services of one worker process, with a queue that only remembers what was added. */
export function makeWorker(
  dataSource: DataSource,
  clock: Clock = new Clock(),
  beat = 1_000,
  witnessTargets: string[] = [],
) {
  const bus = new RecordingBus();
  const jobs: QueuedJob[] = [];
  const queue = {
    failing: false,
    add(_name: string, payload: { slots: CheckSlot[] }, options: { jobId: string }, region?: string) {
      if (queue.failing) return Promise.reject(new Error('The queue is gone'));
      jobs.push({ slots: payload.slots, jobId: options.jobId, region });
      return Promise.resolve();
    },
    regionQueue: () => ({ clean: () => Promise.resolve([]) }),
  };
  const config = {
    WORKER_REGION: 'default',
    DISPATCH_INTERVAL: beat,
    ALLOW_PRIVATE_TARGETS: true,
    WITNESS_TARGETS: witnessTargets,
  };
  const figures = new WorkFigures();
  const secrets = new EndpointSecretsBox(new SecretBox('s'.repeat(32)));
  const writer = new CheckResultsWriter(dataSource, bus as unknown as Bus, clock, config);
  const slots = new DueSlotsStore(dataSource);
  const silence = new SilentRegions(dataSource, bus as unknown as Bus);
  const dispatcher = new Dispatcher(
    slots,
    queue as unknown as JobQueue,
    writer,
    clock,
    config,
    figures,
    silence,
  );
  const targets = new CheckTargetsReader(dataSource, secrets);
  const resolver = new GuardedResolver(new AddressGuard(config));
  const witnesses = new Witnesses(new WitnessMemory(dataSource), clock, config);
  const network = new NetworkGuard(witnesses, figures, clock);
  const runner = new CheckRunner(targets, resolver, writer, clock, network, figures);
  return {
    bus,
    jobs,
    queue,
    writer,
    slots,
    dispatcher,
    runner,
    secrets,
    witnesses,
    network,
    figures,
    silence,
  };
}

export type TestWorker = ReturnType<typeof makeWorker>;

export interface EndpointOptions {
  id: string;
  url: string;
  interval_ms: number;
  timeout_ms: number;
  retries: number;
  failure_threshold: number;
  recovery_threshold: number;
  next_check_at: Date | null;
  enabled: boolean;
  headers_encrypted: string | null;
}

/** Rows as the endpoints service makes them, without its rules. */
export async function insertEndpoints(
  dataSource: DataSource,
  list: Partial<EndpointOptions>[],
): Promise<string[]> {
  const rows = list.map((given) => ({
    id: v7(),
    url: 'http://127.0.0.1:9/',
    interval_ms: 60_000,
    timeout_ms: 2_000,
    retries: 1,
    failure_threshold: 2,
    recovery_threshold: 1,
    next_check_at: new Date(Date.now() - 100),
    enabled: true,
    headers_encrypted: null,
    ...given,
  }));
  await dataSource.query(
    `WITH given AS (SELECT * FROM jsonb_to_recordset($1::jsonb) AS r(id uuid, url text, interval_ms int, timeout_ms int,
       retries int, failure_threshold int, recovery_threshold int, next_check_at timestamptz, enabled boolean,
       headers_encrypted text)),
     made AS (
       INSERT INTO endpoints (id, name, kind, url, method, interval_ms, timeout_ms, expected_status_codes, retries,
         retry_interval_ms, failure_threshold, recovery_threshold, follow_redirects, verify_tls, public, enabled,
         headers_encrypted)
       SELECT id, 'Endpoint ' || id, 'http', url, 'GET', interval_ms, timeout_ms, '{200-299}', retries, 10000,
         failure_threshold, recovery_threshold, 5, true, true, enabled, headers_encrypted FROM given
     ), stated AS (
       INSERT INTO endpoint_status (endpoint_id, next_check_at, status_since)
       SELECT id, next_check_at, now() - interval '1 day' FROM given
     )
     INSERT INTO endpoint_state_intervals (endpoint_id, started_at, state)
     SELECT id, now() - interval '1 day', 'unknown' FROM given`,
    [JSON.stringify(rows)],
  );
  return rows.map((row) => row.id);
}

export function result(endpoint_id: string, slot: number, verdict: Verdict = 'operational'): CheckResult {
  const ok = verdict === 'unknown' ? null : verdict !== 'major_outage';
  return {
    endpoint_id,
    slot,
    checked_at: slot,
    known_at: slot,
    verdict,
    measurement: {
      ok,
      status_code: ok ? 200 : null,
      error: ok ? null : 'Connection refused',
      degraded: false,
      certificate: null,
      response_time_ms: ok ? 12.345 : null,
      phases: { dns: null, connect: 0.5, tls: null, first_byte: 10.25, download: 1.5 },
    },
  };
}

export interface StatusRow {
  status: string;
  consecutive_failures: number;
  next_check_at: Date | null;
  last_slot: Date | null;
  last_checked_at: Date | null;
  last_error: string | null;
}

export async function statusOf(dataSource: DataSource, id: string): Promise<StatusRow> {
  const [row] = await dataSource.query<StatusRow[]>('SELECT * FROM endpoint_status WHERE endpoint_id = $1', [
    id,
  ]);
  return row!;
}

export function intervalsOf(
  dataSource: DataSource,
  id: string,
): Promise<{ state: string; started_at: Date; ended_at: Date | null }[]> {
  return dataSource.query(
    'SELECT state, started_at, ended_at FROM endpoint_state_intervals WHERE endpoint_id = $1 ORDER BY started_at',
    [id],
  );
}

export async function countChecks(dataSource: DataSource, id?: string): Promise<number> {
  const [row] = await dataSource.query<{ count: number }[]>(
    'SELECT count(*)::int AS count FROM checks WHERE $1::uuid IS NULL OR endpoint_id = $1',
    [id ?? null],
  );
  return row!.count;
}
