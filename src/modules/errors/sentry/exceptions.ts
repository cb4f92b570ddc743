import { isObject } from '../../../common/is-object.js';
import type { StackFrame } from '../error-report.js';
import { type Given, nameOf, objectOf, objectsOf, positiveInteger, textOf } from './given.js';

const MAX_EXCEPTIONS = 20;
const MAX_FRAMES = 250;
const MAX_NAME = 500;
const MAX_VALUE = 8_192;
const MAX_LINE = 512;
const MAX_LINES = 10;

/** An exception of an event, as details show it. */
export interface EventException {
  type: string | null;
  value: string | null;
  module: string | null;
  mechanism: Given | null;
  /** The call that failed first. */
  frames: StackFrame[];
  /** Frames in the middle that were left out because there are more than 250. */
  frames_omitted?: number;
}

/** The exceptions of an event, the one that was caught first; the others are its causes. The last 20 are kept. */
export function exceptionsOf(event: Given): EventException[] {
  return objectsOf(event['exception'] ?? event['sentry.interfaces.Exception'])
    .slice(-MAX_EXCEPTIONS)
    .toReversed()
    .map(exceptionOf);
}

/** Whether an exception only carries where a message was sent from, as `captureMessage` of the JavaScript SDKs does. */
export function isMessageOnly({ type }: EventException): boolean {
  return type === null;
}

/** `Type: value`, as far as they are there. */
export function titleOf({ type, value }: EventException): string | null {
  if (type === null || value === null) return type ?? value;
  return `${type}: ${value}`;
}

/** The exceptions as text for people: each with its calls, one a line, and its causes below. */
export function stackTextOf(exceptions: readonly EventException[]): string | null {
  if (!exceptions.some(({ frames }) => frames.length > 0)) return null;
  const parts = exceptions.flatMap((exception, index) => [
    `${index > 0 ? 'Caused by: ' : ''}${titleOf(exception) ?? 'Error'}`,
    ...linesOf(exception),
  ]);
  return parts.join('\n');
}

/** Frames as a stack trace holds them: the one that failed last. Ours begin with it. */
export function framesOf(stacktrace: unknown): Pick<EventException, 'frames' | 'frames_omitted'> {
  const given = objectOf(stacktrace)?.['frames'];
  const all = Array.isArray(given) ? given.filter(isObject) : [];
  const omitted = all.length - MAX_FRAMES;
  const kept = omitted > 0 ? [...all.slice(0, MAX_FRAMES / 2), ...all.slice(-MAX_FRAMES / 2)] : all;
  const frames = kept.toReversed().map(frameOf);
  return omitted > 0 ? { frames, frames_omitted: omitted } : { frames };
}

function exceptionOf(given: Given): EventException {
  return {
    type: nameOf(given['type'], MAX_NAME),
    value: textOf(given['value'], MAX_VALUE) ?? jsonText(given['value']),
    module: nameOf(given['module'], MAX_NAME),
    mechanism: objectOf(given['mechanism']) ?? null,
    ...framesOf(given['stacktrace']),
  };
}

/** Some SDKs send an object where a text is meant. One that is nested too deeply to be written is none. */
function jsonText(value: unknown): string | null {
  if (typeof value !== 'object' || value === null) return null;
  try {
    return textOf(JSON.stringify(value), MAX_VALUE);
  } catch {
    return null;
  }
}

function frameOf(given: Given): StackFrame {
  const name = nameOf(given['function'], MAX_NAME);
  const vars = objectOf(given['vars']);
  const line = textOf(given['context_line'], MAX_LINE);
  const before = textsOf(given['pre_context'], -MAX_LINES);
  const after = textsOf(given['post_context'], MAX_LINES);
  return {
    function: name === '?' || name === '<anonymous>' ? null : name,
    module: nameOf(given['module'], MAX_NAME),
    filename: nameOf(given['filename'], MAX_NAME),
    abs_path: nameOf(given['abs_path'], MAX_NAME * 2),
    lineno: positiveInteger(given['lineno']),
    colno: positiveInteger(given['colno']),
    in_app: typeof given['in_app'] === 'boolean' ? given['in_app'] : null,
    ...(line !== null && { context_line: line }),
    ...(before && { pre_context: before }),
    ...(after && { post_context: after }),
    ...(vars && { vars }),
  };
}

/** The first so many lines, or the last when there are fewer than none. Empty lines count. */
function textsOf(given: unknown, count: number): string[] | undefined {
  if (!Array.isArray(given) || given.length === 0) return undefined;
  const lines = count < 0 ? given.slice(count) : given.slice(0, count);
  return lines.map((line) => textOf(line, MAX_LINE) ?? '');
}

function linesOf({ frames, frames_omitted }: EventException): string[] {
  const lines = frames.map(lineOf);
  if (frames_omitted !== undefined) {
    lines.splice(MAX_FRAMES / 2, 0, `    … ${frames_omitted} more calls`);
  }
  return lines;
}

function lineOf({ function: name, module, filename, abs_path, lineno, colno }: StackFrame): string {
  const file = filename ?? abs_path ?? module ?? '<unknown>';
  const place = [file, lineno, lineno === null ? null : colno].filter((part) => part !== null).join(':');
  return name === null ? `    at ${place}` : `    at ${name} (${place})`;
}
