import type { ErrorActivityKind } from '../../../database/entities/error-activity.entity.js';
import type { Actor } from './actor.js';
import type { ErrorAction, MuteLimits } from './error-action.js';

/** What an action makes of the rows that it is done to. Its own parameters begin with {@link FIRST}. */
interface Change {
  set: string;
  /** Which rows it makes a difference to. */
  differs: string;
  kind: ErrorActivityKind;
  details: Record<string, unknown>;
  values: unknown[];
}

const NOT_RESOLVED = 'resolved = false, resolved_at = NULL, resolution = NULL, resolved_in_release = NULL';
export const NOT_MUTED = `muted = false, muted_until = NULL, mute_until_count = NULL, mute_rate_count = NULL,
  mute_rate_minutes = NULL`;

/** `$8`: the seven before are those of {@link changeErrors}. */
const RESOLVE = `resolved = true, resolved_at = $2, resolution = $8, resolved_in_release = newest_release, ${NOT_MUTED}`;
const MUTE = `muted = true, muted_until = $8::timestamptz, mute_until_count = count + $9::bigint,
  mute_rate_count = $10::int, mute_rate_minutes = $11::int, ${NOT_RESOLVED}`;
const MUTES_OTHERWISE = `NOT muted OR $9::bigint IS NOT NULL OR mute_until_count IS NOT NULL
  OR (muted_until, mute_rate_count, mute_rate_minutes) IS DISTINCT FROM ($8::timestamptz, $10::int, $11::int)`;

/** A mute by rate counts from now on. */
const SAMPLE = `, forgotten AS (
  DELETE FROM error_mute_samples USING changed WHERE error_id = changed.id AND at < $2
), sampled AS (
  INSERT INTO error_mute_samples (error_id, at, count)
  SELECT id, $2, count FROM changed WHERE $10::int IS NOT NULL
  ON CONFLICT (error_id, at) DO UPDATE SET count = excluded.count
)`;

/**
 * Does one action to many errors, and notes it, in one statement. Who asks for an error that is merged into another means
 * that one. Rows are locked in the order of their fingerprints, as by the statement that stores.
 */
export function changeErrors(
  ids: readonly string[],
  action: ErrorAction,
  { by, now }: { by: Actor; now: Date },
): { text: string; values: unknown[] } {
  const { set, differs, kind, details, values } = changeOf(action);
  const text = `
    WITH wanted AS MATERIALIZED (
      SELECT id FROM errors
      WHERE id IN (SELECT coalesce(merged_into, id) FROM errors WHERE id = ANY($1::uuid[])) AND merged_into IS NULL
      ORDER BY fingerprint FOR NO KEY UPDATE
    ), changed AS (
      UPDATE errors SET ${set}, updated_at = greatest(updated_at, $2::timestamptz)
      FROM wanted WHERE errors.id = wanted.id AND (${differs})
      RETURNING errors.id, errors.count
    ), noted AS (
      INSERT INTO error_activities (id, error_id, at, kind, actor_kind, actor_id, actor_name, details)
      SELECT gen_random_uuid(), id, $2, $3, $4, $5::uuid, $6, $7::jsonb FROM changed
    )${action.action === 'mute' ? SAMPLE : ''}
    SELECT wanted.id, changed.id IS NOT NULL AS is_changed FROM wanted LEFT JOIN changed USING (id)`;
  return { text, values: [ids, now, kind, by.kind, by.id, by.name, JSON.stringify(details), ...values] };
}

function changeOf(action: ErrorAction): Change {
  switch (action.action) {
    case 'resolve':
      return {
        set: RESOLVE,
        differs: `NOT resolved OR coalesce(resolution, 'now') <> $8`,
        kind: 'resolved',
        details: { in: action.in },
        values: [action.in],
      };
    case 'unresolve':
      return { set: NOT_RESOLVED, differs: 'resolved', kind: 'unresolved', details: {}, values: [] };
    case 'mute':
      return { set: MUTE, differs: MUTES_OTHERWISE, kind: 'muted', ...mute(action.limits) };
    case 'unmute':
      return { set: NOT_MUTED, differs: 'muted', kind: 'unmuted', details: {}, values: [] };
    case 'assign':
      return {
        set: 'assigned_to = $8::uuid',
        differs: 'assigned_to IS DISTINCT FROM $8::uuid',
        kind: 'assigned',
        details: { assignee: action.assignee },
        values: [action.assignee],
      };
  }
}

function mute({ until, count, rate }: MuteLimits): Pick<Change, 'details' | 'values'> {
  return {
    details: {
      ...(until && { until }),
      ...(count !== undefined && { count }),
      ...(rate && { rate: { count: rate.count, per: `${rate.minutes}m` } }),
    },
    values: [until ?? null, count ?? null, rate?.count ?? null, rate?.minutes ?? null],
  };
}

/** Which of the errors that a filter lets through an action is done to: not those that are so already. */
export function pendingFor(action: ErrorAction, parameter: number): { where: string; values: unknown[] } {
  switch (action.action) {
    case 'resolve':
      return { where: 'NOT resolved', values: [] };
    case 'unresolve':
      return { where: 'resolved', values: [] };
    case 'mute':
      return { where: 'NOT muted', values: [] };
    case 'unmute':
      return { where: 'muted', values: [] };
    case 'assign':
      return { where: `assigned_to IS DISTINCT FROM $${parameter}::uuid`, values: [action.assignee] };
  }
}
