import type { MaintenanceSchedule } from '../../maintenance/maintenance-coverage.reader.js';
import type { MaintenanceEdge } from './maintenance-edges.js';

/** An endpoint with the windows that cover it. Times in milliseconds since the epoch. */
export interface CoveredEndpoint {
  endpoint_id: string;
  /** Whether it counts as in maintenance so far. */
  maintenance: boolean;
  /** When its settings were last changed: its group and tags among them. */
  updated_at: number;
  window_ids: string[];
}

export interface MaintenanceChange extends MaintenanceEdge {
  endpoint_id: string;
}

/** Most edges of one endpoint that are caught up with at once. An even number, so that the first keeps its sense. */
const MAX_EDGES = 100;

/**
 * When endpoints go into maintenance and come out of it after `since`, up to and with `now`: the edges of the union of
 * their windows, at their exact times.
 *
 * What somebody changes never reaches back before the change: the past of an endpoint whose settings, or one of whose
 * windows, have changed since begins with the last such change. Where that leaves it in another state than it has, it
 * changes there; for a window that is gone, when windows last changed.
 */
export function coverageChanges(
  endpoints: readonly CoveredEndpoint[],
  schedule: Pick<MaintenanceSchedule, 'windows' | 'changed_at'>,
  since: number,
  now: number,
): MaintenanceChange[] {
  const windows = new Map(schedule.windows.map((window) => [window.id, window]));
  return endpoints.flatMap((endpoint) => {
    const own = endpoint.window_ids.flatMap((id) => windows.get(id) ?? []);
    const periods = own.flatMap((window) => window.periods);
    const covered = (time: number) => periods.some(({ from, to }) => from <= time && time < to);

    let origin = Math.min(
      Math.max(since, endpoint.updated_at, ...own.map((window) => window.updated_at)),
      now,
    );
    if (covered(origin) !== endpoint.maintenance)
      origin = Math.min(Math.max(origin, schedule.changed_at), now);
    const times = periods
      .flatMap(({ from, to }) => [from, to])
      .filter((time) => origin < time && time <= now);
    let state = endpoint.maintenance;
    const edges: MaintenanceChange[] = [];
    for (const time of [origin, ...times.sort((a, b) => a - b)]) {
      if (covered(time) === state) continue;
      state = !state;
      edges.push({ endpoint_id: endpoint.endpoint_id, maintenance: state, at: time });
    }
    return edges.slice(-MAX_EDGES);
  });
}
