import { ERROR_COLUMNS, type ErrorRow, statusOf, toErrorDto } from '../stored-error.js';
import type { ErrorDetailDto, MergedErrorDto } from '../dto/error.dto.js';
import type { Resolution } from './error-action.js';

/** An error with all that only its own page shows. */
export interface DetailRow extends ErrorRow {
  resolution: Resolution | null;
  resolved_in_release: string | null;
  muted_until: Date | null;
  /** A bigint: text. */
  mute_until_count: string | null;
  mute_rate_count: number | null;
  mute_rate_minutes: number | null;
  comments: number;
  merged: MergedErrorDto[];
}

/** The error `$1`, or the one that it is merged into. */
export const ERROR_DETAIL = `
  SELECT ${ERROR_COLUMNS}, resolution, resolved_in_release, muted_until, mute_until_count, mute_rate_count, mute_rate_minutes,
    (SELECT count(*)::int FROM error_activities WHERE kind = 'commented'
       AND error_id IN (SELECT id FROM errors AS member WHERE member.id = errors.id OR member.merged_into = errors.id)) AS comments,
    (SELECT coalesce(json_agg(json_build_object('id', id, 'fingerprint', fingerprint, 'message', message, 'count', count)
         ORDER BY count DESC, id), '[]')
       FROM errors AS member WHERE member.merged_into = errors.id) AS merged
  FROM errors WHERE id = (SELECT coalesce(merged_into, id) FROM errors WHERE id = $1)`;

export function toDetailDto(row: DetailRow): ErrorDetailDto {
  const status = statusOf(row);
  const isMuted = status === 'muted';
  return {
    ...toErrorDto(row),
    resolution: row.resolved ? (row.resolution ?? 'now') : null,
    resolved_in_release: row.resolved ? row.resolved_in_release : null,
    muted_until: isMuted ? row.muted_until : null,
    mute_until_count: isMuted && row.mute_until_count !== null ? Number(row.mute_until_count) : null,
    mute_rate:
      isMuted && row.mute_rate_count !== null
        ? { count: row.mute_rate_count, per: `${row.mute_rate_minutes}m` }
        : null,
    comments: row.comments,
    merged: row.merged,
  };
}
