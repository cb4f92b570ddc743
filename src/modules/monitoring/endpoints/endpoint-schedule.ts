import type { EntityManager } from 'typeorm';
import { type LockedStatus, writeStates } from '../states/endpoint-status.store.js';
import { type EndpointStep, forget } from '../states/known-endpoint.js';
import { recordStateChanges, type StateChange } from '../states/state-changes.js';
import type { IntervalChange } from '../states/timeline.js';

/**
 * Ends the checking of endpoints: what was known of them is not known any more. The caller holds the lock on their
 * status rows, and announces the changes after commit.
 */
export async function stopChecking(
  manager: EntityManager,
  statuses: readonly LockedStatus[],
  now: Date,
): Promise<StateChange[]> {
  if (statuses.length === 0) return [];
  const steps = statuses.map((status) => ({ status, step: forget(status, now.getTime()) }));
  await writeForgotten(
    manager,
    steps.map(({ status, step }) => ({ id: status.endpoint_id, ...step })),
  );
  await recordStateChanges(
    manager,
    steps.flatMap(({ status, step }): IntervalChange[] =>
      step.interval ? [{ endpoint_id: status.endpoint_id, ...step.interval }] : [],
    ),
  );
  return steps.flatMap(({ status: { endpoint_id, name }, step }) =>
    step.transition ? [{ ...step.transition, endpoint_id, name }] : [],
  );
}

/** Makes endpoints due at once. Those that report by themselves are not asked. */
export async function checkSoon(manager: EntityManager, ids: readonly string[], now: Date): Promise<number> {
  const [, count] = await manager.query<[unknown, number]>(
    `UPDATE endpoint_status s SET next_check_at = $2 FROM endpoints e
     WHERE e.id = s.endpoint_id AND e.id = ANY($1::uuid[]) AND e.enabled AND e.kind <> 'push'`,
    [ids, now],
  );
  return count;
}

async function writeForgotten(
  manager: EntityManager,
  steps: readonly ({ id: string } & EndpointStep)[],
): Promise<void> {
  const ids = steps.map(({ id }) => id);
  await writeStates(
    manager,
    steps.map(({ id, state }) => ({ ...state, endpoint_id: id })),
  );
  await manager.query(
    'UPDATE endpoint_status SET next_check_at = NULL, last_error = NULL WHERE endpoint_id = ANY($1::uuid[])',
    [ids],
  );
  await manager.query('DELETE FROM endpoint_region_status WHERE endpoint_id = ANY($1::uuid[])', [ids]);
  await manager.query(
    'UPDATE endpoint_heartbeats SET expected_at = NULL, run_started_at = NULL WHERE endpoint_id = ANY($1::uuid[])',
    [ids],
  );
}
