import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { BatchWriter } from '../../../common/batch-writer.js';
import { Clock } from '../../../common/clock.js';
import { CONFIG, type Config } from '../../../config/config.js';
import { withPartitions } from '../../../database/partitions.js';
import { Bus } from '../../../realtime/bus.js';
import { advance } from './advance.js';
import {
  certificatesOf,
  deleteCertificates,
  StoredCertificates,
  writeCertificates,
} from './certificates.store.js';
import type { CheckResult } from './check-result.js';
import { keepChecks, storeChecks } from './check-rows.js';
import { DependenciesReader } from './dependencies.reader.js';
import { type LockedStatus, lockStatuses, writeStatuses } from './endpoint-status.store.js';
import { readRegions, writeRegions } from './region-status.store.js';
import { StateAnnouncer } from './state-announcer.js';
import { recordStateChanges } from './state-changes.js';

const MAX_BATCH = 1_000;
const MAX_PENDING = 50_000;
/** Nobody waits for a scheduled result, so a batch may gather for a while: fewer commits, less work. */
const MAX_DELAY_MS = 500;
/** Somebody waits for this one. */
const SOON_MS = 5;

/**
 * Stores check results by group commit and, in the same transaction, moves the endpoints' states.
 *
 * Rows of `endpoint_status` are locked first and in order of their ids: two processes never wait for each other in a
 * circle, and an endpoint that is gone is noticed before anything is written for it.
 */
@Injectable()
export class CheckResultsWriter implements OnApplicationShutdown {
  private readonly patient = this.batches(MAX_DELAY_MS);
  private readonly prompt = this.batches(SOON_MS);

  private readonly announcer: StateAnnouncer;
  private readonly certificates = new StoredCertificates();

  constructor(
    private readonly dataSource: DataSource,
    bus: Bus,
    private readonly clock: Clock,
    @Inject(CONFIG) private readonly config: Pick<Config, 'WORKER_REGION'>,
  ) {
    this.announcer = new StateAnnouncer(bus, new DependenciesReader(dataSource));
  }

  /** Resolves once committed; false when the slot had a result already, or its endpoint is gone. */
  write(result: CheckResult): Promise<boolean> {
    return this.patient.write(result);
  }

  /** The same for a result that somebody waits for. */
  writeSoon(result: CheckResult): Promise<boolean> {
    return this.prompt.write(result);
  }

  /** Jobs have ended by now; what the last of them changed is still to be told. */
  async onApplicationShutdown(): Promise<void> {
    await this.announcer.settle();
  }

  private batches(maxDelayMs: number): BatchWriter<CheckResult, boolean> {
    return new BatchWriter({
      name: 'check results',
      flush: (results) => withPartitions(this.dataSource, this.clock.now(), () => this.store(results)),
      maxBatch: MAX_BATCH,
      maxPending: MAX_PENDING,
      maxDelayMs,
    });
  }

  private async store(results: CheckResult[]): Promise<boolean[]> {
    const now = this.clock.now().getTime();
    const { stored, moves, certificates } = await this.dataSource.transaction((manager) =>
      this.storeIn(manager, results, now),
    );
    this.certificates.remember(certificates.shown, now);
    this.certificates.forget(certificates.gone);
    this.announcer.announce(moves);
    return results.map((result) => stored.has(result));
  }

  private async storeIn(manager: EntityManager, results: readonly CheckResult[], now: number) {
    const region = this.config.WORKER_REGION;
    const statuses = await lockStatuses(manager, [...new Set(results.map((result) => result.endpoint_id))]);
    const regions = await readRegions(manager, regionalOnes(statuses));
    const known = results.filter((result) => statuses.has(result.endpoint_id));
    const moves = advance(statuses, regions, known, region);
    const certificates = certificatesOf(moves.updates, this.certificates, now);
    await storeChecks(manager, region, moves.applied, moves.updates);
    await writeStatuses(
      manager,
      moves.updates.filter(({ steady }) => !steady),
    );
    await writeRegions(manager, moves.regions);
    await recordStateChanges(manager, moves.intervals);
    await writeCertificates(manager, certificates.shown);
    await deleteCertificates(manager, certificates.gone);
    const applied = new Set(moves.applied);
    const rest = known.filter((result) => !applied.has(result));
    const kept = await keepChecks(manager, region, rest);
    return { stored: new Set([...moves.applied, ...kept]), moves, certificates };
  }
}

function regionalOnes(statuses: ReadonlyMap<string, LockedStatus>): string[] {
  return [...statuses.values()]
    .filter((status) => status.regions.length > 0)
    .map((status) => status.endpoint_id);
}
