import { Inject, Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { Clock } from '../../../common/clock.js';
import { CONFIG, type Config } from '../../../config/config.js';
import { Bus } from '../../../realtime/bus.js';
import {
  MaintenanceCoverageReader,
  type MaintenanceSchedule,
} from '../../maintenance/maintenance-coverage.reader.js';
import { coverageChanges, type MaintenanceChange } from './coverage-edges.js';
import { MaintenanceCoverageStore } from './maintenance-coverage.store.js';
import { lockMaintained, writeMaintained } from './maintained-states.store.js';
import { applyEdges } from './maintenance-state.js';
import { announceStateChanges, recordStateChanges, type StateChange } from './state-changes.js';

/**
 * Takes endpoints into maintenance and out of it.
 *
 * Windows are definitions, which nobody moves on; what moves on is one row that says up to when they have been applied.
 * In one transaction, the states take over what windows say happened since, and the row moves up to now: however late
 * or often this runs, each edge is applied once, at its own time. In between, one query a beat sees that nothing has
 * changed, and another, only while a window is in effect, that no endpoint has come to be covered or uncovered.
 */
@Injectable()
export class MaintenanceStates implements OnApplicationShutdown {
  private readonly logger = new Logger(MaintenanceStates.name);
  /** As it was when last read. */
  private schedule: MaintenanceSchedule | undefined;
  private announced = Promise.resolve();

  constructor(
    private readonly dataSource: DataSource,
    private readonly windows: MaintenanceCoverageReader,
    private readonly coverage: MaintenanceCoverageStore,
    private readonly bus: Bus,
    private readonly clock: Clock,
    @Inject(CONFIG) private readonly config: Pick<Config, 'DISPATCH_INTERVAL'>,
  ) {}

  /** One beat. */
  async update(): Promise<void> {
    const now = this.clock.now().getTime();
    if (await this.isUpToDate(now)) return;
    const done = await this.dataSource.transaction((manager) => this.catchUp(manager, now));
    if (!done) return;
    const { schedule, changes } = done;
    this.schedule = {
      ...schedule,
      windows: schedule.windows.filter(({ periods }) => periods.at(-1)!.to > now),
    };
    if (changes.length > 0) this.report(changes);
    this.announced = this.announced.then(() => announceStateChanges(this.bus, changes));
  }

  /** Jobs have ended by now; what the last of them changed is still to be told. */
  async onApplicationShutdown(): Promise<void> {
    await this.announced;
  }

  private async isUpToDate(now: number): Promise<boolean> {
    const { revision } = await this.windows.revision();
    const { schedule } = this;
    if (schedule?.revision !== revision || now >= schedule.next_edge_at) return false;
    if (schedule.windows.length === 0) return true;
    return (await this.coverage.covered(schedule, now, now)).length === 0;
  }

  private async catchUp(
    manager: EntityManager,
    now: number,
  ): Promise<{ schedule: MaintenanceSchedule; changes: StateChange[] } | undefined> {
    const since = await this.coverage.claimProgress(manager);
    // Another worker is at it, or was, by a clock that is ahead of ours.
    if (since === undefined || since > now) return undefined;
    const schedule = await this.windows.schedule(since, now, manager);
    const covered = await this.coverage.covered(schedule, since, now, manager);
    const changes = await this.apply(manager, coverageChanges(covered, schedule, since, now), now);
    await this.coverage.moveProgress(manager, now);
    return { schedule, changes };
  }

  /** `edges` of one endpoint are in order of time. */
  private async apply(
    manager: EntityManager,
    edges: readonly MaintenanceChange[],
    now: number,
  ): Promise<StateChange[]> {
    if (edges.length === 0) return [];
    const edgesOf = new Map<string, MaintenanceChange[]>();
    for (const edge of edges) edgesOf.set(edge.endpoint_id, [...(edgesOf.get(edge.endpoint_id) ?? []), edge]);
    const lateBy = 2 * this.config.DISPATCH_INTERVAL;
    const statuses = await lockMaintained(manager, [...edgesOf.keys()], now - lateBy);
    const changed = statuses.map((status) => {
      const own = edgesOf.get(status.endpoint_id)!;
      const { state, transitions } = applyEdges(
        status,
        own.map(({ maintenance, at }) => ({ maintenance, at: at.getTime() })),
      );
      const { endpoint_id, name } = status;
      return { endpoint_id, state, changes: transitions.map((each) => ({ ...each, endpoint_id, name })) };
    });
    await writeMaintained(manager, changed);
    const changes = changed.flatMap((each) => each.changes);
    await recordStateChanges(manager, changes);
    return changes;
  }

  private report(changes: readonly StateChange[]): void {
    const into = changes.filter(({ to }) => to === 'maintenance').length;
    const out = changes.filter(({ from }) => from === 'maintenance').length;
    this.logger.log(`Maintenance: ${into} endpoints went into it, ${out} came out of it`);
  }
}
