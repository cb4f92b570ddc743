import { type AffectedUser, type ErrorReport, MAX_LENGTHS, MAX_USER_PART } from '../error-report.js';
import { truncate } from '../scrubbing/storable-text.js';
import type { Attributes, LogRecord } from './log-records.js';
import { oneLine, type Program } from './program.js';
import { levelOfRecord } from './severity.js';

/** Attributes that have a place of their own in a report. */
const PLACED: ReadonlySet<string> = new Set([
  'exception.type',
  'exception.message',
  'exception.stacktrace',
  'url.full',
  'http.url',
  'user_agent.original',
  'http.user_agent',
  'client.address',
]);

const NO_TEXT = '(log record without text)';

/** A log record as an error: OpenTelemetry’s semantic conventions for exceptions in logs, and the log data model. */
export function toErrorReport(
  record: LogRecord,
  logger: string,
  program: Program,
  defaultSource: string,
): ErrorReport {
  const { attributes } = record;
  const body = bodyText(record.body);
  const exception = exceptionOf(attributes);
  const stack = text(attributes['exception.stacktrace']);
  return {
    level: levelOfRecord(record),
    message: truncate(exception ?? body ?? (oneLine(record.eventName, 200) || NO_TEXT), MAX_LENGTHS.message),
    stack_trace: stack === null ? null : truncate(stack, MAX_LENGTHS.stack_trace),
    context: contextOf(record, exception === null ? null : body),
    source: program.source ?? defaultSource,
    environment: program.environment,
    url: first(attributes, ['url.full', 'http.url'], MAX_LENGTHS.url),
    user_agent: first(attributes, ['user_agent.original', 'http.user_agent'], MAX_LENGTHS.user_agent),
    ip_address: first(attributes, ['client.address'], MAX_LENGTHS.ip_address),
    release: program.release,
    platform: program.platform,
    culprit: culpritOf(attributes),
    tags: logger === '' ? program.tags : { ...program.tags, logger: logger.slice(0, 200) },
    user: userOf(attributes),
    fingerprint: null,
    frames: null,
    details: detailsOf(record, program),
    event_id: null,
    occurred_at: record.time === null ? null : new Date(record.time),
  };
}

/** `Type: message`, or what there is of it. */
function exceptionOf(attributes: Attributes): string | null {
  const type = oneLine(attributes['exception.type'], 500);
  const message = text(attributes['exception.message']);
  if (type === null || message === null) return message ?? type;
  return message.startsWith(`${type}:`) ? message : `${type}: ${message}`;
}

/** Of a structured body the part that is meant for people, else all of it. */
function bodyText(body: unknown): string | null {
  if (typeof body !== 'object' || body === null) return text(body);
  const { message, msg } = body as Attributes;
  return text(message) ?? text(msg) ?? JSON.stringify(body);
}

function contextOf(record: LogRecord, logged: string | null): Record<string, unknown> {
  const context: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(record.attributes)) if (!PLACED.has(name)) context[name] = value;
  if (logged !== null) context['log'] = logged;
  if (typeof record.body === 'object' && record.body !== null) context['body'] = record.body;
  if (record.severityText !== '' && record.severityText.toLowerCase() !== levelOfRecord(record))
    context['level'] ??= record.severityText.toLowerCase().slice(0, 64);
  if (record.traceId !== null) context['trace_id'] = record.traceId;
  if (record.spanId !== null) context['span_id'] = record.spanId;
  return context;
}

function detailsOf(
  { traceId, spanId }: LogRecord,
  { resource, sdk }: Program,
): Record<string, unknown> | null {
  const contexts = {
    ...(traceId !== null && { trace: { trace_id: traceId, span_id: spanId } }),
    ...(Object.keys(resource).length > 0 && { resource }),
  };
  const details = { ...(Object.keys(contexts).length > 0 && { contexts }), ...(sdk && { sdk }) };
  return Object.keys(details).length > 0 ? details : null;
}

function culpritOf(attributes: Attributes): string | null {
  const name = first(attributes, ['code.function.name', 'code.function'], 200);
  const file = first(attributes, ['code.file.path', 'code.filepath'], 200);
  if (name === null) return file;
  return (file === null ? name : `${name} (${file})`).slice(0, MAX_LENGTHS.culprit);
}

function userOf(attributes: Attributes): AffectedUser | null {
  const user = {
    id: first(attributes, ['user.id', 'enduser.id'], MAX_USER_PART),
    email: first(attributes, ['user.email'], MAX_USER_PART),
    username: first(attributes, ['user.name'], MAX_USER_PART),
    ip_address: null,
  };
  return (user.id ?? user.email ?? user.username) ? user : null;
}

function first(attributes: Attributes, names: readonly string[], maxLength: number): string | null {
  for (const name of names) {
    const value = oneLine(attributes[name], maxLength);
    if (value !== null) return value;
  }
  return null;
}

function text(value: unknown): string | null {
  if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean') return null;
  const given = String(value);
  return given.trim() === '' ? null : given;
}
