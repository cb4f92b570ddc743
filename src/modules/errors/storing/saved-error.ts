import type { ErrorLevel } from '../../../database/entities/error-group.entity.js';
import { statusOf } from '../stored-error.js';
import type { ReportOutcome } from '../dto/error.dto.js';

/** A group as the statement that stores answers it: what the driver would take long to read stays as it came. */
export interface SavedError {
  id: string;
  fingerprint: string;
  level: ErrorLevel;
  message: string;
  stack_trace: string | null;
  /** JSON. */
  context: string;
  source: string;
  environment: string | null;
  /** JSON. */
  environments: string;
  user_agent: string | null;
  ip_address: string | null;
  url: string | null;
  resolved: boolean;
  /** Times are milliseconds since the epoch. */
  resolved_at: number | null;
  regressed_at: number | null;
  /** A bigint: text. */
  count: string;
  first_seen: number;
  last_seen: number;
  created_at: number;
  updated_at: number;
  culprit: string | null;
  platform: string | null;
  first_release: string | null;
  newest_release: string | null;
  muted: boolean;
  assigned_to: string | null;
}

/** The columns of {@link SavedError}. */
export const SAVED_COLUMNS = `id, fingerprint, level, message, stack_trace, context::text, source, environment,
  array_to_json(environments)::text AS environments, user_agent, ip_address, url, resolved, ${milliseconds('resolved_at')},
  ${milliseconds('regressed_at')}, count, ${milliseconds('first_seen')}, ${milliseconds('last_seen')},
  ${milliseconds('created_at')}, ${milliseconds('updated_at')}, culprit, platform, first_release, newest_release, muted,
  assigned_to`;

function milliseconds(column: string): string {
  return `(extract(epoch FROM ${column}) * 1000)::float8 AS ${column}`;
}

/**
 * The error object of the API as JSON, with the count and the outcome of one report. By hand, because the answer to every
 * report holds it: as objects, its context and six dates would be read and written again for nothing.
 */
export function reportedErrorJson(row: SavedError, count: number, outcome: ReportOutcome): string {
  const lastSeen = time(row.last_seen);
  return (
    `{"id":"${row.id}","timestamp":${lastSeen},"level":"${row.level}","message":${text(row.message)}` +
    `,"stack_trace":${text(row.stack_trace)},"context":${row.context},"source":${text(row.source)}` +
    `,"environment":${text(row.environment)},"environments":${row.environments}` +
    `,"user_agent":${text(row.user_agent)},"ip_address":${text(row.ip_address)},"url":${text(row.url)}` +
    `,"fingerprint":"${row.fingerprint}","status":"${statusOf(row)}","resolved":${row.resolved},"resolved_at":${time(row.resolved_at)}` +
    `,"regressed_at":${time(row.regressed_at)},"count":${count},"first_seen":${time(row.first_seen)}` +
    `,"last_seen":${lastSeen},"created_at":${time(row.created_at)},"updated_at":${time(row.updated_at)}` +
    `,"culprit":${text(row.culprit)},"platform":${text(row.platform)},"first_release":${text(row.first_release)}` +
    `,"newest_release":${text(row.newest_release)},"muted":${row.muted}` +
    `,"assigned_to":${row.assigned_to === null ? 'null' : `"${row.assigned_to}"`},"outcome":"${outcome}"}`
  );
}

function text(value: string | null): string {
  return value === null ? 'null' : JSON.stringify(value);
}

function time(at: number | null): string {
  return at === null ? 'null' : `"${new Date(at).toISOString()}"`;
}
