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
import { DependenciesReader } from './dependencies.reader.js';
import { lockStatuses } from './endpoint-status.store.js';
import { unmeasuredSince, writeMaintained } from './maintained-status.store.js';
import { applyEdges } from './maintenance-state.js';
import { StateAnnouncer } from './state-announcer.js';
import { recordStateChanges, type StateChange } from './state-changes.js';

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
  /** As it was when all endpoints were last seen to be as `schedule` wants them. */
  private endpointsVersion: string | undefined;
  private readonly announcer: StateAnnouncer;

  constructor(
    private readonly dataSource: DataSource,
    private readonly windows: MaintenanceCoverageReader,
    private readonly coverage: MaintenanceCoverageStore,
    bus: Bus,
    private readonly clock: Clock,
    @Inject(CONFIG) private readonly config: Pick<Config, 'DISPATCH_INTERVAL'>,
  ) {
    this.announcer = new StateAnnouncer(bus, new DependenciesReader(dataSource));
  }

  /** One beat. */
  async update(): Promise<void> {
    const now = this.clock.now().getTime();
    if (await this.isUpToDate(now)) return;
    const done = await this.dataSource.transaction((manager) => this.catchUp(manager, now));
    if (!done) return;
    const { schedule, changes } = done;
    this.endpointsVersion = undefined;
    this.schedule = {
      ...schedule,
      windows: schedule.windows.filter(({ periods }) => periods.at(-1)!.to > now),
    };
    if (changes.length > 0) this.report(changes);
    this.announcer.announce({ changes, flaps: [] });
  }

  /** Jobs have ended by now; what the last of them changed is still to be told. */
  async onApplicationShutdown(): Promise<void> {
    await this.announcer.settle();
  }

  private async isUpToDate(now: number): Promise<boolean> {
    const { revision } = await this.windows.revision();
    const { schedule } = this;
    if (schedule?.revision !== revision || now >= schedule.next_edge_at) return false;
    return schedule.windows.length === 0 || (await this.coversTheSame(schedule, now));
  }

  private async coversTheSame(schedule: MaintenanceSchedule, now: number): Promise<boolean> {
    const version = await this.coverage.endpointsVersion();
    if (version === this.endpointsVersion) return true;
    if ((await this.coverage.covered(schedule, now, now)).length > 0) return false;
    this.endpointsVersion = version;
    return true;
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

  /** `edges` of one endpoint are in order of time. Answers what is shown otherwise now. */
  private async apply(
    manager: EntityManager,
    edges: readonly MaintenanceChange[],
    now: number,
  ): Promise<StateChange[]> {
    if (edges.length === 0) return [];
    const edgesOf = byEndpoint(edges);
    const statuses = [...(await lockStatuses(manager, [...edgesOf.keys()])).values()];
    const overdueAt = now - 2 * this.config.DISPATCH_INTERVAL;
    const unmeasured = await unmeasuredSince(manager, [...edgesOf.keys()], overdueAt);
    const moved = statuses.map((status) => {
      const { endpoint_id, name, rules } = status;
      const applied = applyEdges(status, rules, edgesOf.get(endpoint_id)!, unmeasured.get(endpoint_id));
      return { endpoint_id, name, ...applied };
    });
    await writeMaintained(manager, moved);
    await recordStateChanges(
      manager,
      moved.flatMap(({ endpoint_id, intervals }) => intervals.map((each) => ({ ...each, endpoint_id }))),
    );
    return moved.flatMap(({ endpoint_id, name, state: { flapping }, transitions }) =>
      transitions.map((each) => ({ ...each, endpoint_id, name, flapping })),
    );
  }

  private report(changes: readonly StateChange[]): void {
    const into = changes.filter(({ to }) => to === 'maintenance').length;
    const out = changes.filter(({ from }) => from === 'maintenance').length;
    this.logger.log(`Maintenance: ${into} endpoints went into it, ${out} came out of it`);
  }
}

function byEndpoint(edges: readonly MaintenanceChange[]): Map<string, MaintenanceChange[]> {
  const grouped = new Map<string, MaintenanceChange[]>();
  for (const edge of edges) {
    const own = grouped.get(edge.endpoint_id);
    if (own) own.push(edge);
    else grouped.set(edge.endpoint_id, [edge]);
  }
  return grouped;
}
