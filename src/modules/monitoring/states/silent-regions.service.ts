import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { Bus } from '../../../realtime/bus.js';
import { DependenciesReader } from './dependencies.reader.js';
import { type LockedStatus, lockStatuses, writeStates } from './endpoint-status.store.js';
import { readRegions, writeRegions } from './region-status.store.js';
import { type RegionalStep, SILENT_INTERVALS } from './regions.js';
import { fallSilent } from './silence.js';
import { type News, StateAnnouncer } from './state-announcer.js';
import { recordStateChanges } from './state-changes.js';

/** What a result needs to become known, beside the time that checks take. */
const GRACE_MS = 2_000;

/**
 * Endpoints with a region whose silence is certain. A result counts from its slot on, but is known only once the check
 * has ended, and one check may wait for the one before it: hence two timeouts.
 */
const SILENT = `
  SELECT DISTINCT e.id AS endpoint_id, e.timeout_ms
  FROM endpoints e
  JOIN endpoint_status s ON s.endpoint_id = e.id
  LEFT JOIN endpoint_region_status r ON r.endpoint_id = e.id AND r.region = ANY(e.regions)
  WHERE e.id = ANY($1::uuid[]) AND e.enabled
    AND (r.status <> 'unknown' OR (s.measured_status <> 'unknown' AND NOT s.held))
    AND coalesce(CASE WHEN r.status <> 'unknown' THEN r.last_slot END, s.last_slot) + (${SILENT_INTERVALS} * e.interval_ms::bigint + 2 * e.timeout_ms) * interval '1 millisecond'
      < to_timestamp($2::float8 / 1000)`;

interface Moved {
  status: LockedStatus;
  steps: RegionalStep[];
}

/** Takes their vote from regions without workers. Results cannot tell: none comes from there. */
@Injectable()
export class SilentRegions implements OnApplicationShutdown {
  private readonly announcer: StateAnnouncer;

  constructor(
    private readonly dataSource: DataSource,
    bus: Bus,
  ) {
    this.announcer = new StateAnnouncer(bus, new DependenciesReader(dataSource));
  }

  /** Looks at these endpoints, by their ids, and says how many of them have a region that has just fallen silent. */
  async review(endpointIds: readonly string[], now: Date): Promise<number> {
    const at = now.getTime() - GRACE_MS;
    const rows = await this.dataSource.query<{ endpoint_id: string; timeout_ms: number }[]>(SILENT, [
      endpointIds,
      at,
    ]);
    if (rows.length === 0) return 0;
    const untils = new Map(rows.map(({ endpoint_id, timeout_ms }) => [endpoint_id, at - 2 * timeout_ms]));
    const moved = await this.dataSource.transaction((manager) => this.silence(manager, untils));
    this.announcer.announce(newsOf(moved));
    return moved.length;
  }

  /** Jobs have ended by now; what the last of them changed is still to be told. */
  async onApplicationShutdown(): Promise<void> {
    await this.announcer.settle();
  }

  private async silence(manager: EntityManager, untils: ReadonlyMap<string, number>): Promise<Moved[]> {
    const ids = [...untils.keys()];
    const statuses = [...(await lockStatuses(manager, ids)).values()];
    const regions = await readRegions(manager, ids);
    const moved = statuses
      .filter(({ enabled }) => enabled)
      .map((status) => ({
        status,
        // A result may have come while we waited for the lock.
        steps: fallSilent(status, regions.get(status.endpoint_id)!, untils.get(status.endpoint_id)!),
      }))
      .filter(({ steps }) => steps.length > 0);
    await writeStates(
      manager,
      moved.map(({ status: { endpoint_id }, steps }) => ({ ...steps.at(-1)!.state, endpoint_id })),
    );
    await writeErrors(manager, moved);
    await writeRegions(
      manager,
      moved.flatMap(({ status: { endpoint_id }, steps }) =>
        steps.flatMap((step) => step.regions.map((region) => ({ ...region, endpoint_id }))),
      ),
    );
    await recordStateChanges(
      manager,
      moved.flatMap(({ status: { endpoint_id }, steps }) =>
        steps.flatMap(({ interval }) => (interval ? [{ ...interval, endpoint_id }] : [])),
      ),
    );
    return moved;
  }
}

async function writeErrors(manager: EntityManager, moved: readonly Moved[]): Promise<void> {
  await manager.query(
    `UPDATE endpoint_status s SET last_error = u.error
     FROM unnest($1::uuid[], $2::text[]) AS u(endpoint_id, error)
     WHERE s.endpoint_id = ANY($1::uuid[]) AND s.endpoint_id = u.endpoint_id`,
    [moved.map(({ status }) => status.endpoint_id), moved.map(({ steps }) => steps.at(-1)!.last_error)],
  );
}

function newsOf(moved: readonly Moved[]): News {
  const changes = moved.flatMap(({ status: { endpoint_id, name }, steps }) =>
    steps.flatMap(({ transition, state: { flapping } }) =>
      transition ? [{ ...transition, endpoint_id, name, flapping }] : [],
    ),
  );
  return { changes, flaps: [] };
}
