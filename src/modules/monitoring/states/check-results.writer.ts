import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { BatchWriter } from '../../../common/batch-writer.js';
import { Clock } from '../../../common/clock.js';
import { CONFIG, type Config } from '../../../config/config.js';
import { withPartitions } from '../../../database/partitions.js';
import { Bus } from '../../../realtime/bus.js';
import type { CheckResult } from './check-result.js';
import {
  type LockedStatus,
  lockStatuses,
  type StatusUpdate,
  writeStatuses,
} from './endpoint-status.store.js';
import { applyObservation } from './endpoint-state.js';
import { announceStateChanges, recordStateChanges, type StateChange } from './state-changes.js';

const MAX_BATCH = 1_000;
const MAX_PENDING = 50_000;
/** Nobody waits for a scheduled result, so a batch may gather for a while: fewer commits, less work. */
const MAX_DELAY_MS = 50;

/**
 * Stores check results by group commit and, in the same transaction, moves the endpoints' states.
 *
 * Rows of `endpoint_status` are locked first and in order of their ids: two processes never wait for each other in a
 * circle, and an endpoint that is gone is noticed before anything is written for it.
 */
@Injectable()
export class CheckResultsWriter implements OnApplicationShutdown {
  private readonly writer = new BatchWriter<CheckResult, boolean>({
    name: 'check results',
    flush: (results) => withPartitions(this.dataSource, this.clock.now(), () => this.store(results)),
    maxBatch: MAX_BATCH,
    maxPending: MAX_PENDING,
    maxDelayMs: MAX_DELAY_MS,
  });

  private announced = Promise.resolve();

  constructor(
    private readonly dataSource: DataSource,
    private readonly bus: Bus,
    private readonly clock: Clock,
    @Inject(CONFIG) private readonly config: Pick<Config, 'WORKER_REGION'>,
  ) {}

  /** Resolves once committed; false when the slot had a result already, or its endpoint is gone. */
  write(result: CheckResult): Promise<boolean> {
    return this.writer.write(result);
  }

  /** Jobs have ended by now; what the last of them changed is still to be told. */
  async onApplicationShutdown(): Promise<void> {
    await this.announced;
  }

  private async store(results: CheckResult[]): Promise<boolean[]> {
    const { stored, changes } = await this.dataSource.transaction(async (manager) => {
      const statuses = await lockStatuses(manager, [...new Set(results.map((result) => result.endpoint_id))]);
      const inserted = await this.insert(
        manager,
        results.filter((result) => statuses.has(result.endpoint_id)),
      );
      const moved = advance(statuses, inserted);
      await writeStatuses(manager, moved.updates);
      await recordStateChanges(manager, moved.changes);
      return { stored: new Set(inserted), changes: moved.changes };
    });
    // Results do not wait for this, and however much there is to tell, it takes one connection at a time.
    this.announced = this.announced.then(() => announceStateChanges(this.bus, changes));
    return results.map((result) => stored.has(result));
  }

  /** Answers the results that were really new. */
  private async insert(manager: EntityManager, results: CheckResult[]): Promise<CheckResult[]> {
    if (results.length === 0) return [];
    const rows = await manager.query<{ endpoint_id: string; slot: number }[]>(INSERT_CHECKS, [
      this.config.WORKER_REGION,
      ...checkColumns(results),
    ]);
    const fresh = new Set(rows.map((row) => slotKey(row)));
    return results.filter((result) => fresh.delete(slotKey(result)));
  }
}

/** Runs the state machine over new results, each endpoint’s in order of its slots. */
function advance(
  statuses: ReadonlyMap<string, LockedStatus>,
  results: CheckResult[],
): { updates: StatusUpdate[]; changes: StateChange[] } {
  const updates = new Map<string, StatusUpdate>();
  const changes: StateChange[] = [];
  const ordered = [...results].sort((a, b) => compare(a.endpoint_id, b.endpoint_id) || a.slot - b.slot);
  for (const result of ordered) {
    const status = statuses.get(result.endpoint_id)!;
    // A result that comes after a newer one is history: it is kept, and changes nothing.
    if (!status.enabled || result.slot <= (status.last_slot ?? 0)) continue;
    const step = applyObservation(status, status.rules, { verdict: result.verdict, at: result.known_at });
    Object.assign(status, step.state, { last_slot: result.slot });
    updates.set(status.endpoint_id, { status, result, retry_at: step.retry_at ?? null });
    if (step.transition) {
      changes.push({ ...step.transition, endpoint_id: status.endpoint_id, name: status.name });
    }
  }
  return { updates: [...updates.values()], changes };
}

const INSERT_CHECKS = `
  INSERT INTO checks (region, endpoint_id, scheduled_at, checked_at, ok, status, status_code, error,
    response_time_ms, dns_ms, connect_ms, tls_ms, first_byte_ms, download_ms)
  SELECT $1, endpoint_id, to_timestamp(slot / 1000), to_timestamp(checked_at / 1000), ok, status, status_code, error,
    response_time_ms, dns_ms, connect_ms, tls_ms, first_byte_ms, download_ms
  FROM unnest($2::uuid[], $3::float8[], $4::float8[], $5::boolean[], $6::text[], $7::smallint[], $8::text[],
    $9::real[], $10::real[], $11::real[], $12::real[], $13::real[], $14::real[])
    AS r(endpoint_id, slot, checked_at, ok, status, status_code, error,
      response_time_ms, dns_ms, connect_ms, tls_ms, first_byte_ms, download_ms)
  ON CONFLICT DO NOTHING
  RETURNING endpoint_id, (extract(epoch FROM scheduled_at) * 1000)::float8 AS slot`;

function checkColumns(results: readonly CheckResult[]): unknown[][] {
  const measured = results.map((result) => result.measurement);
  return [
    results.map((result) => result.endpoint_id),
    results.map((result) => result.slot),
    results.map((result) => result.checked_at),
    measured.map((each) => each.ok),
    results.map((result) => result.verdict),
    measured.map((each) => each.status_code),
    measured.map((each) => each.error),
    measured.map((each) => each.response_time_ms),
    measured.map((each) => each.phases.dns),
    measured.map((each) => each.phases.connect),
    measured.map((each) => each.phases.tls),
    measured.map((each) => each.phases.first_byte),
    measured.map((each) => each.phases.download),
  ];
}

function slotKey({ endpoint_id, slot }: { endpoint_id: string; slot: number }): string {
  return `${endpoint_id} ${slot}`;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
