import { Inject, Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { chunks } from '../../../common/chunks.js';
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
import { lockStatuses, unmeasuredSince, writeStates } from './endpoint-status.store.js';
import { applyEdges } from './maintenance-edges.js';
import { StateAnnouncer } from './state-announcer.js';
import { recordStateChanges, type StateChange } from './state-changes.js';

/** Endpoints that change together: few enough that checks and their results hardly wait for the locks. */
const CHUNK_SIZE = 500;

/**
 * Takes endpoints into maintenance and out of it.
 *
 * Windows are definitions, which nobody moves on; what moves on is one row that says up to when they have been applied.
 * The states take over what windows say happened since, each endpoint in one transaction, and then the row moves up to
 * now. An edge is applied at its own time however late this runs, and once however often: one that lies before the
 * state it has brought about changes nothing. In between, one query a beat sees that nothing has changed, and another,
 * only while a window is in effect, that no endpoint has come to be covered or uncovered.
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
    const since = await this.coverage.appliedUntil();
    // By the clock of another worker, which is ahead of ours.
    if (since > now) return;
    const schedule = await this.windows.schedule(since, now);
    const covered = await this.coverage.covered(schedule, since, now);
    await this.applyAll(coverageChanges(covered, schedule, since, now), now);
    await this.coverage.moveApplied(now);
    this.endpointsVersion = undefined;
    this.schedule = {
      ...schedule,
      windows: schedule.windows.filter(({ periods }) => periods.at(-1)!.to > now),
    };
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

  /** `edges` of one endpoint are in order of time. */
  private async applyAll(edges: readonly MaintenanceChange[], now: number): Promise<void> {
    let changed = 0;
    for (const some of chunks([...byEndpoint(edges)], CHUNK_SIZE)) {
      const changes = await this.dataSource.transaction((manager) => this.apply(manager, new Map(some), now));
      this.announcer.announce({ changes, flaps: [] });
      changed += changes.length;
    }
    if (changed > 0) this.logger.log(`Maintenance changed the state of endpoints ${changed} times`);
  }

  /** Answers what is shown otherwise now. */
  private async apply(
    manager: EntityManager,
    edgesOf: ReadonlyMap<string, MaintenanceChange[]>,
    now: number,
  ): Promise<StateChange[]> {
    const statuses = [...(await lockStatuses(manager, [...edgesOf.keys()])).values()];
    const overdueAt = now - 2 * this.config.DISPATCH_INTERVAL;
    const unmeasured = await unmeasuredSince(manager, [...edgesOf.keys()], overdueAt);
    const moved = statuses.map((status) => {
      const { endpoint_id, name, rules } = status;
      const applied = applyEdges(status, rules, edgesOf.get(endpoint_id)!, unmeasured.get(endpoint_id));
      return { endpoint_id, name, ...applied };
    });
    await writeStates(
      manager,
      moved.map(({ endpoint_id, state }) => ({ ...state, endpoint_id })),
    );
    await recordStateChanges(
      manager,
      moved.flatMap(({ endpoint_id, intervals }) => intervals.map((each) => ({ ...each, endpoint_id }))),
    );
    return moved.flatMap(({ endpoint_id, name, state: { flapping }, transitions }) =>
      transitions.map((each) => ({ ...each, endpoint_id, name, flapping })),
    );
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
