import { isObject } from '../../../common/is-object.js';
import { parseTime } from '../../../common/time.js';
import { type AffectedUser, type ErrorReport, MAX_LENGTHS, MAX_USER_PART } from '../error-report.js';
import type { ErrorLevel } from '../../../database/entities/error-group.entity.js';
import { isSameLevel, levelOf } from '../level-spellings.js';
import { truncate } from '../scrubbing/storable-text.js';
import { detailsOf } from './event-details.js';
import { requestLine, requestOf, userAgentOf } from './event-request.js';
import { tagsOf } from './event-tags.js';
import { type EventException, exceptionsOf, isMessageOnly, stackTextOf, titleOf } from './exceptions.js';
import { type Given, isPlain, nameOf, objectOf, textOf } from './given.js';

/** What an event does not say itself. */
export interface EventOrigin {
  source: string;
  /** 32 hex digits. */
  eventId: string;
  /** Of whoever sent it: stands for `{{auto}}`. */
  ipAddress?: string | undefined;
  /** Of whoever sent it. What only names an SDK is passed over. */
  userAgent?: string | undefined;
}

const MAX_FINGERPRINT = { parts: 20, length: 500 };
const DEFAULT_FINGERPRINT = /^\{\{\s{0,8}default\s{0,8}\}\}$/;
const NO_MESSAGE = 'Event without a message';

/**
 * An event of a Sentry SDK as a report. Total: whatever does not have the right type is passed over, because an SDK does
 * not send an event twice. Small things go to the context, which is merged; big ones to the details.
 */
export function reportOfEvent(
  event: Given,
  { source, eventId, ipAddress, ...sender }: EventOrigin,
): ErrorReport {
  const exceptions = exceptionsOf(event);
  const thrown = exceptions.filter((exception) => !isMessageOnly(exception));
  const request = requestOf(event);
  const { url, method } = requestLine(request);
  const user = userOf(event, ipAddress);
  const logged = messageOf(event);
  const userAgent = userAgentOf(request) ?? browserAgent(sender.userAgent);
  const stack = stackTextOf(thrown);
  const message = thrown[0] ? titleOf(thrown[0]) : (logged ?? titleOf(exceptions[0] ?? NOTHING));
  const level = spellingOf(event['level']);
  return {
    level: level.level,
    message: truncate(
      message ?? nameOf(event['transaction'], MAX_LENGTHS.culprit) ?? NO_MESSAGE,
      MAX_LENGTHS.message,
    ),
    stack_trace: stack && truncate(stack, MAX_LENGTHS.stack_trace),
    context: contextOf(event, {
      ...(level.spelling && { level: level.spelling }),
      ...(thrown[0] && logged !== null && { message: logged }),
      ...((url !== null || method !== null) && { request: { url, method } }),
    }),
    source,
    environment: nameOf(event['environment'], MAX_LENGTHS.environment),
    url,
    user_agent: userAgent,
    ip_address: user?.ip_address ?? null,
    release: nameOf(event['release'], MAX_LENGTHS.release),
    platform: nameOf(event['platform'], MAX_LENGTHS.platform),
    culprit: culpritOf(event, thrown[0]),
    tags: tagsOf(event, { contexts: objectOf(event['contexts']) ?? {}, main: exceptions[0], userAgent }),
    user,
    fingerprint: fingerprintOf(event['fingerprint']),
    frames: thrown[0] && thrown[0].frames.length > 0 ? thrown[0].frames : null,
    details: detailsOf(event, { exceptions, request }),
    event_id: eventId,
    occurred_at: timeOf(event['timestamp']),
  };
}

/** Browsers send their own reports; a program’s name its HTTP client. */
function browserAgent(userAgent: string | undefined): string | null {
  return userAgent?.startsWith('Mozilla/') ? userAgent.slice(0, MAX_LENGTHS.user_agent) : null;
}

const NOTHING: EventException = { type: null, value: null, module: null, mechanism: null, frames: [] };

function spellingOf(given: unknown): { level: ErrorLevel; spelling: string | null } {
  const level = typeof given === 'string' ? levelOf(given) : undefined;
  if (level === undefined) return { level: 'error', spelling: null };
  const spelling = (given as string).toLowerCase();
  return { level, spelling: isSameLevel(level, spelling) ? null : spelling };
}

/** `logentry`, and `message` as a text or in its shape; formatted where it is. */
function messageOf(event: Given): string | null {
  for (const given of [event['logentry'], event['message'], event['sentry.interfaces.Message']]) {
    const parts = objectOf(given);
    const text = parts
      ? (textOf(parts['formatted'], MAX_LENGTHS.message) ?? textOf(parts['message'], MAX_LENGTHS.message))
      : textOf(given, MAX_LENGTHS.message);
    if (text !== null) return text;
  }
  return null;
}

/** Merged into the group’s: the newest value of each is what a screen shows first. */
function contextOf(event: Given, derived: Given): Given {
  const context: Given = {};
  for (const key of ['transaction', 'logger', 'server_name', 'dist']) {
    const value = nameOf(event[key], MAX_LENGTHS.culprit);
    if (value !== null) context[key] = value;
  }
  for (const key of ['user', 'extra']) {
    const value = objectOf(event[key]);
    if (value && Object.keys(value).length > 0) context[key] = value;
  }
  return { ...context, ...derived };
}

/** Where in the program: the transaction, else the first call of own code. */
function culpritOf(event: Given, main: EventException | undefined): string | null {
  const transaction = nameOf(event['transaction'], MAX_LENGTHS.culprit);
  if (transaction !== null || !main) return transaction;
  const frame = main.frames.find(({ in_app }) => in_app === true) ?? main.frames[0];
  if (!frame) return null;
  const file = frame.module ?? frame.filename ?? frame.abs_path;
  const place =
    frame.function === null ? file : file === null ? frame.function : `${frame.function} (${file})`;
  return place === null ? null : place.slice(0, MAX_LENGTHS.culprit);
}

/** `{{auto}}`, or an SDK that asks for it, means the address that the event came from. */
function userOf(event: Given, ipAddress: string | undefined): AffectedUser | null {
  const given = objectOf(event['user']);
  const part = (name: keyof AffectedUser): string | null =>
    isPlain(given?.[name]) ? nameOf(given[name], MAX_USER_PART) : null;
  const address = part('ip_address');
  const isAuto = address === '{{auto}}' || (address === null && inferredAddress(event) === 'auto');
  const user = {
    id: part('id'),
    email: part('email'),
    username: part('username') ?? (isPlain(given?.['name']) ? nameOf(given['name'], MAX_USER_PART) : null),
    ip_address: isAuto ? (ipAddress ?? null) : address,
  };
  return Object.values(user).some((value) => value !== null) ? user : null;
}

/** Whether the address of whoever sent it may be kept: `auto`, `never`, or not said. */
export function inferredAddress(event: Given): unknown {
  const settings = objectOf(event['sdk'])?.['settings'];
  return isObject(settings) ? settings['infer_ip'] : undefined;
}

function fingerprintOf(given: unknown): string[] | null {
  if (!Array.isArray(given)) return null;
  const parts = given
    .filter(isPlain)
    .slice(0, MAX_FINGERPRINT.parts)
    .map((part) => String(part).slice(0, MAX_FINGERPRINT.length));
  return parts.some((part) => !DEFAULT_FINGERPRINT.test(part)) ? parts : null;
}

/** Epoch seconds, or a text. */
function timeOf(given: unknown): Date | null {
  const seconds = typeof given === 'string' && /^\d{1,12}(?:\.\d{1,9})?$/.test(given) ? Number(given) : given;
  const time =
    typeof seconds === 'number'
      ? new Date(seconds * 1_000)
      : typeof seconds === 'string'
        ? parseTime(seconds)
        : undefined;
  const isSane = time && time.getTime() > 0 && time.getTime() < Date.UTC(3_000, 0);
  return isSane ? time : null;
}
