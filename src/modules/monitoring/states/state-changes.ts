import type { EntityManager } from 'typeorm';
import type { Bus } from '../../../realtime/bus.js';
import type { ServiceStatusChange } from '../../../realtime/events.js';
import { healthOf, type Transition } from './endpoint-state.js';
import { continueTimeline, type Interval, type IntervalChange } from './timeline.js';

const DAY_MS = 86_400_000;

/** A transition of a named endpoint. */
export interface StateChange extends Transition {
  endpoint_id: string;
  name: string;
  flapping?: boolean;
  /** Ids of the endpoints that are to blame, the nearest first. */
  caused_by?: string[];
}

type OpenInterval = Pick<Interval, 'state' | 'started_at'> & { endpoint_id: string };

/**
 * Continues the state intervals of endpoints. `changes` of one endpoint are in order of time.
 * The caller holds the lock on the endpoints’ status rows.
 */
export async function recordStateChanges(
  manager: EntityManager,
  changes: readonly IntervalChange[],
): Promise<void> {
  if (changes.length === 0) return;
  const byEndpoint = new Map<string, IntervalChange[]>();
  for (const change of changes) {
    const own = byEndpoint.get(change.endpoint_id);
    if (own) own.push(change);
    else byEndpoint.set(change.endpoint_id, [change]);
  }
  const open = await manager.query<OpenInterval[]>(
    `SELECT endpoint_id, state, (extract(epoch FROM started_at) * 1000)::float8 AS started_at
     FROM endpoint_state_intervals WHERE endpoint_id = ANY($1::uuid[]) AND ended_at IS NULL`,
    [[...byEndpoint.keys()]],
  );
  const openOf = new Map(open.map((interval) => [interval.endpoint_id, interval]));
  const continued = [...byEndpoint].map(([endpoint_id, own]) => ({
    endpoint_id,
    ...continueTimeline(openOf.get(endpoint_id), own),
  }));
  await writeIntervals(manager, continued);
}

type Continued = ReturnType<typeof continueTimeline> & { endpoint_id: string };

async function writeIntervals(manager: EntityManager, continued: readonly Continued[]): Promise<void> {
  const ended = continued.filter((each) => each.ended_at !== null);
  await manager.query(
    `UPDATE endpoint_state_intervals i SET ended_at = to_timestamp(c.at / 1000)
     FROM unnest($1::uuid[], $2::float8[]) AS c(endpoint_id, at)
     WHERE i.endpoint_id = ANY($1::uuid[]) AND i.endpoint_id = c.endpoint_id AND i.ended_at IS NULL`,
    [ended.map((each) => each.endpoint_id), ended.map((each) => each.ended_at)],
  );
  const begun = continued.flatMap(({ endpoint_id, begun: own }) =>
    own.map((interval) => ({ endpoint_id, ...interval })),
  );
  await manager.query(
    `INSERT INTO endpoint_state_intervals (endpoint_id, started_at, state, ended_at)
     SELECT endpoint_id, to_timestamp(started_at / 1000), state, to_timestamp(ended_at / 1000)
     FROM unnest($1::uuid[], $2::float8[], $3::text[], $4::float8[]) AS c(endpoint_id, started_at, state, ended_at)`,
    [
      begun.map((each) => each.endpoint_id),
      begun.map((each) => each.started_at),
      begun.map((each) => each.state),
      begun.map((each) => each.ended_at),
    ],
  );
  await markStaleDays(
    manager,
    continued.flatMap(({ endpoint_id, ended_at, begun: [next] }) => {
      const at = ended_at ?? next?.started_at;
      return at === undefined ? [] : [{ endpoint_id, at }];
    }),
  );
}

/**
 * A change that began on an earlier day makes running totals wrong that may be written already: the next roll-up counts
 * them again. It cannot be missed, because whoever sees the mark sees the intervals too.
 */
async function markStaleDays(
  manager: EntityManager,
  changes: readonly { endpoint_id: string; at: number }[],
): Promise<void> {
  const today = Math.floor(Date.now() / DAY_MS) * DAY_MS;
  const late = changes.filter((change) => change.at < today);
  if (late.length === 0) return;
  await manager.query(
    `INSERT INTO stale_days (endpoint_id, day)
     SELECT endpoint_id, (to_timestamp(at / 1000) AT TIME ZONE 'UTC')::date
     FROM unnest($1::uuid[], $2::float8[]) AS c(endpoint_id, at)
     ORDER BY endpoint_id
     ON CONFLICT (endpoint_id) DO UPDATE SET day = least(stale_days.day, excluded.day)`,
    [late.map((change) => change.endpoint_id), late.map((change) => change.at)],
  );
}

/** Tells all processes. After commit only; never rejects. */
export async function announceStateChanges(bus: Bus, changes: readonly StateChange[]): Promise<void> {
  await bus.publishAll('endpoint.status_changed', changes.map(statusChange));
}

/** A change in the words of the sockets. */
export function statusChange({ endpoint_id, name, from, to, at, ...more }: StateChange): ServiceStatusChange {
  return {
    service: name,
    status: healthOf(to),
    state: to,
    previous_state: from,
    endpoint_id,
    at: new Date(at).toISOString(),
    flapping: more.flapping ?? false,
    caused_by: more.caused_by ?? [],
  };
}
