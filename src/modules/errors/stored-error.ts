import type { ErrorLevel } from '../../database/entities/error-group.entity.js';
import type { ErrorDto, ErrorStatus } from './dto/error.dto.js';

/** A row of `errors` as the driver hands it over, without what only grouping needs. */
export interface ErrorRow {
  id: string;
  fingerprint: string;
  level: ErrorLevel;
  message: string;
  stack_trace: string | null;
  context: Record<string, unknown>;
  source: string;
  environment: string | null;
  environments: string[];
  user_agent: string | null;
  ip_address: string | null;
  url: string | null;
  resolved: boolean;
  resolved_at: Date | null;
  regressed_at: Date | null;
  /** A bigint: text. */
  count: string;
  first_seen: Date;
  last_seen: Date;
  created_at: Date;
  updated_at: Date;
  culprit: string | null;
  platform: string | null;
  first_release: string | null;
  newest_release: string | null;
  muted: boolean;
  assigned_to: string | null;
}

/** The columns of {@link ErrorRow}. */
export const ERROR_COLUMNS = `id, fingerprint, level, message, stack_trace, context, source, environment, environments,
  user_agent, ip_address, url, resolved, resolved_at, regressed_at, count, first_seen, last_seen, created_at, updated_at,
  culprit, platform, first_release, newest_release, muted, assigned_to`;

/** No error is both resolved and muted: to resolve it ends its mute, to mute it opens it. */
export function statusOf({ resolved, muted }: Pick<ErrorRow, 'resolved' | 'muted'>): ErrorStatus {
  if (resolved) return 'resolved';
  return muted ? 'muted' : 'unresolved';
}

/** The same in SQL. */
export const STATUS = `CASE WHEN resolved THEN 'resolved' WHEN muted THEN 'muted' ELSE 'unresolved' END AS status`;

/** The error object of the API. */
export function toErrorDto(row: ErrorRow, count = Number(row.count)): ErrorDto {
  return {
    id: row.id,
    timestamp: row.last_seen,
    level: row.level,
    message: row.message,
    stack_trace: row.stack_trace,
    context: row.context,
    source: row.source,
    environment: row.environment,
    environments: row.environments,
    user_agent: row.user_agent,
    ip_address: row.ip_address,
    url: row.url,
    fingerprint: row.fingerprint,
    status: statusOf(row),
    resolved: row.resolved,
    resolved_at: row.resolved_at,
    regressed_at: row.regressed_at,
    count,
    first_seen: row.first_seen,
    last_seen: row.last_seen,
    created_at: row.created_at,
    updated_at: row.updated_at,
    culprit: row.culprit,
    platform: row.platform,
    first_release: row.first_release,
    newest_release: row.newest_release,
    muted: row.muted,
    assigned_to: row.assigned_to,
  };
}
