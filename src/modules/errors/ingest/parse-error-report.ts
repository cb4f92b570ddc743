import { isObject } from '../../../common/is-object.js';
import type { FieldProblem } from '../../../common/coded-exception.js';
import { validationFailed } from '../../../common/http/validation.js';
import type { ErrorLevel } from '../../../database/entities/error-group.entity.js';
import { type AffectedUser, type ErrorReport, MAX_LENGTHS, MAX_USER_PART } from '../error-report.js';
import { isSameLevel, levelOf } from '../level-spellings.js';
import { firstLines } from '../grouping/message/normalise-message.js';
import { truncate } from '../scrubbing/storable-text.js';

export const DEFAULT_SOURCE = 'default';

type TextField = Exclude<keyof typeof MAX_LENGTHS, 'culprit'>;

/** All other texts are names and addresses, of one line. */
const MANY_LINES: ReadonlySet<TextField> = new Set(['message', 'stack_trace']);
const CONTROL = /\p{Cc}+/gu;

const KNOWN_FIELDS: ReadonlySet<string> = new Set([
  ...Object.keys(MAX_LENGTHS).filter((field) => field !== 'culprit'),
  'level',
  'context',
  'fingerprint',
]);
const MAX_TAGS = 50;
const MAX_TAG = { key: 64, value: 200 };
const MAX_FINGERPRINT = { parts: 20, length: 500 };
const NO_TAGS: Record<string, string> = Object.freeze({});

/**
 * Reads the body of a report. Lenient where losing an error would be worse: what is too long is cut, unknown fields go
 * into the context, a missing message is taken from the stack trace. Wrong types are refused.
 *
 * By hand and not by class-validator because no other route is this busy: 0.5 µs against 9 µs.
 * @throws CodedException `VALIDATION_FAILED` naming every wrong field
 */
export function parseErrorReport(body: unknown, defaultSource = DEFAULT_SOURCE): ErrorReport {
  if (!isObject(body)) throw validationFailed([{ field: 'body', message: 'must be a JSON object' }]);
  const problems: FieldProblem[] = [];
  const text = (field: TextField): string | null => readText(body, field, problems);
  const stack = text('stack_trace');
  const message = text('message') ?? (stack === null ? null : (firstLines(stack, 1)[0] ?? null));
  const context = readContext(body, problems);
  const report: ErrorReport = {
    level: readLevel(body['level'], context, problems),
    message: message ?? '',
    stack_trace: stack,
    context,
    source: text('source') ?? defaultSource,
    environment: text('environment'),
    url: text('url'),
    user_agent: text('user_agent'),
    ip_address: text('ip_address'),
    release: text('release'),
    platform: text('platform'),
    culprit: null,
    tags: readTags(context['tags']),
    user: readUser(context),
    fingerprint: readFingerprint(body['fingerprint']),
    frames: null,
    details: null,
    event_id: null,
    occurred_at: null,
  };
  if (message === null && !problems.some(({ field }) => field === 'message')) {
    problems.unshift({ field: 'message', message: 'is required' });
  }
  if (problems.length > 0) throw validationFailed(problems);
  return report;
}

function readText(body: Record<string, unknown>, field: TextField, problems: FieldProblem[]): string | null {
  const value = body[field];
  if (value === undefined || value === null) return null;
  if (typeof value !== 'string') {
    problems.push({ field, message: 'must be a string' });
    return null;
  }
  const text = MANY_LINES.has(field) ? value : value.replace(CONTROL, ' ').trim();
  return text.trim() === '' ? null : truncate(text, MAX_LENGTHS[field]);
}

function readContext(body: Record<string, unknown>, problems: FieldProblem[]): Record<string, unknown> {
  const given = body['context'];
  const isGiven = given !== undefined && given !== null;
  if (isGiven && !isObject(given)) problems.push({ field: 'context', message: 'must be an object' });
  const extra = Object.fromEntries(Object.entries(body).filter(([key]) => !KNOWN_FIELDS.has(key)));
  if (!isObject(given)) return extra;
  const context = { ...extra, ...given };
  for (const name of ['tags', 'user']) {
    const [beside, within] = [extra[name], given[name]];
    if (isObject(beside) && isObject(within)) context[name] = { ...within, ...beside };
  }
  return context;
}

function readLevel(value: unknown, context: Record<string, unknown>, problems: FieldProblem[]): ErrorLevel {
  if (value === undefined || value === null) return 'error';
  const level = typeof value === 'string' ? levelOf(value) : undefined;
  if (level === undefined) {
    problems.push({ field: 'level', message: 'must be one of error, warning, info, debug' });
    return 'error';
  }
  if (!isSameLevel(level, value as string)) context['level'] ??= (value as string).toLowerCase();
  return level;
}

/** Tags stay in the context too, as they were. Only plain values can be searched for. */
function readTags(given: unknown): Record<string, string> {
  if (!isObject(given)) return NO_TAGS;
  const plain = Object.entries(given).filter(([, value]) => isPlain(value));
  return Object.fromEntries(
    plain
      .slice(0, MAX_TAGS)
      .map(([key, value]) => [key.slice(0, MAX_TAG.key), String(value).slice(0, MAX_TAG.value)]),
  );
}

/** `context.user` as an object or a name, else `context.user_id`. */
function readUser(context: Record<string, unknown>): AffectedUser | null {
  const given = context['user'] ?? context['user_id'];
  if (given === undefined) return null;
  const parts = isObject(given) ? given : { id: given };
  const part = (name: keyof AffectedUser): string | null => {
    const value = parts[name];
    return isPlain(value) && value !== '' ? String(value).slice(0, MAX_USER_PART) : null;
  };
  return {
    id: part('id'),
    email: part('email'),
    username: part('username'),
    ip_address: part('ip_address'),
  };
}

function readFingerprint(given: unknown): string[] | null {
  const parts = (Array.isArray(given) ? given : [given]).filter(isPlain).slice(0, MAX_FINGERPRINT.parts);
  return parts.length > 0 ? parts.map((part) => String(part).slice(0, MAX_FINGERPRINT.length)) : null;
}

function isPlain(value: unknown): value is string | number | boolean {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}
