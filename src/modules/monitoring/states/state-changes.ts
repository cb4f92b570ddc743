import type { EntityManager } from 'typeorm';
import type { Bus } from '../../../realtime/bus.js';
import type { ServiceStatusChange } from '../../../realtime/events.js';
import { healthOf, type Transition } from './endpoint-state.js';

/** A transition of a named endpoint. */
export interface StateChange extends Transition {
  endpoint_id: string;
  name: string;
}

/**
 * Ends the open state interval of each endpoint and opens the next. `changes` of one endpoint are in order of time.
 * The caller holds the lock on the endpoints' status rows.
 */
export async function recordStateChanges(
  manager: EntityManager,
  changes: readonly StateChange[],
): Promise<void> {
  if (changes.length === 0) return;
  const first = changes.filter((change, index) => changes[index - 1]?.endpoint_id !== change.endpoint_id);
  await manager.query(
    `UPDATE endpoint_state_intervals i SET ended_at = to_timestamp(c.at / 1000)
     FROM unnest($1::uuid[], $2::float8[]) AS c(endpoint_id, at)
     WHERE i.endpoint_id = c.endpoint_id AND i.ended_at IS NULL`,
    [first.map((change) => change.endpoint_id), first.map((change) => change.at)],
  );
  await manager.query(
    `INSERT INTO endpoint_state_intervals (endpoint_id, started_at, state, ended_at)
     SELECT endpoint_id, to_timestamp(started_at / 1000), state, to_timestamp(ended_at / 1000)
     FROM unnest($1::uuid[], $2::float8[], $3::text[], $4::float8[]) AS c(endpoint_id, started_at, state, ended_at)`,
    [
      changes.map((change) => change.endpoint_id),
      changes.map((change) => change.at),
      changes.map((change) => change.to),
      changes.map(({ endpoint_id }, index) => {
        const next = changes[index + 1];
        return next?.endpoint_id === endpoint_id ? next.at : null;
      }),
    ],
  );
}

/** Tells all processes, one change after the other. After commit only; never rejects. */
export async function announceStateChanges(bus: Bus, changes: readonly StateChange[]): Promise<void> {
  for (const change of changes) await bus.publish('endpoint.status_changed', statusChange(change));
}

/** A change in the words of the sockets. */
export function statusChange({ endpoint_id, name, from, to, at }: StateChange): ServiceStatusChange {
  return {
    service: name,
    status: healthOf(to),
    state: to,
    previous_state: from,
    endpoint_id,
    at: new Date(at).toISOString(),
  };
}
