import type { DataSource } from 'typeorm';
import type { Clock } from '../../../src/common/clock.js';
import { MaintenanceCoverageReader } from '../../../src/modules/maintenance/maintenance-coverage.reader.js';
import { MaintenanceReader } from '../../../src/modules/maintenance/maintenance.reader.js';
import { MaintenanceService } from '../../../src/modules/maintenance/maintenance.service.js';
import { MaintenanceCoverageStore } from '../../../src/modules/monitoring/states/maintenance-coverage.store.js';
import { MaintenanceStates } from '../../../src/modules/monitoring/states/maintenance-states.service.js';
import type { Bus } from '../../../src/realtime/bus.js';
import {
  type EndpointOptions,
  insertEndpoints,
  intervalsOf,
  RecordingBus,
} from '../monitoring/monitoring-parts.js';

/** Windows as the API writes them, and one worker that puts them into effect. */
export function makeMaintenance(dataSource: DataSource, clock: Clock) {
  const bus = new RecordingBus();
  const windows = new MaintenanceService(dataSource, clock);
  const reader = new MaintenanceReader(dataSource, clock);
  const states = new MaintenanceStates(
    dataSource,
    new MaintenanceCoverageReader(dataSource),
    new MaintenanceCoverageStore(dataSource),
    bus as unknown as Bus,
    clock,
    { DISPATCH_INTERVAL: 1_000 },
  );
  return { bus, windows, reader, states };
}

/** Forgets everything, and begins at `time`. */
export async function resetMaintenance(dataSource: DataSource, time: number): Promise<void> {
  await dataSource.query('TRUNCATE endpoints, checks, maintenance_windows CASCADE');
  await dataSource.query('UPDATE maintenance_progress SET applied_until = $1', [new Date(time)]);
  await dataSource.query('UPDATE maintenance_revision SET changed_at = $1, revision = revision + 1', [
    new Date(time),
  ]);
}

/** Endpoints that have been operational since an hour before `time`, and are checked. */
export async function insertOperational(
  dataSource: DataSource,
  time: number,
  list: Partial<EndpointOptions>[] = [{}],
): Promise<string[]> {
  const ids = await insertEndpoints(dataSource, list);
  const since = new Date(time - 3_600_000);
  await dataSource.query('UPDATE endpoints SET created_at = $2, updated_at = $2 WHERE id = ANY($1)', [
    ids,
    since,
  ]);
  await dataSource.query(
    `UPDATE endpoint_status SET status = 'operational', measured_status = 'operational', status_since = $2,
       next_check_at = 'infinity' WHERE endpoint_id = ANY($1)`,
    [ids, since],
  );
  await dataSource.query(
    `UPDATE endpoint_state_intervals SET started_at = $2, state = 'operational' WHERE endpoint_id = ANY($1)`,
    [ids, since],
  );
  return ids;
}

/** The states of an endpoint with the time each began, without date where that is `day`. */
export async function historyOf(dataSource: DataSource, id: string, day?: string): Promise<string[]> {
  const intervals = await intervalsOf(dataSource, id);
  return intervals
    .slice(1)
    .map(
      ({ state, started_at }) =>
        `${started_at.toISOString().slice(started_at.toISOString().startsWith(`${day}T`) ? 11 : 0)} ${state}`,
    );
}
