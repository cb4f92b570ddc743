import type { ErrorReport, StackFrame } from '../error-report.js';
import type { Call, MappedCall } from './call.js';
import { mapCalls } from './map-calls.js';
import type { ParsedMap } from './parsed-map.js';

/** Whatever runs scripts that bundlers make. */
const SCRIPTS: ReadonlySet<string> = new Set(['javascript', 'node']);
const SCRIPT_PLACE = /\.[cm]?js(?:\?[^\s:]*)?:\d+:\d+/;

/** An exception of `details`, as far as it matters here. */
export interface WithFrames {
  frames: StackFrame[];
}

/** Whether the calls of a report may be those of a bundle. */
export function isScript({ platform, stack_trace, frames }: ErrorReport): boolean {
  if (stack_trace === null && frames === null) return false;
  if (platform !== null) return SCRIPTS.has(platform);
  return stack_trace !== null && SCRIPT_PLACE.test(stack_trace.slice(0, 4_000));
}

export function exceptionsOf({ details }: ErrorReport): readonly WithFrames[] {
  const given = details?.['exceptions'];
  return Array.isArray(given) ? (given as unknown[]).filter(hasFrames) : [];
}

function hasFrames(value: unknown): value is WithFrames {
  return typeof value === 'object' && value !== null && Array.isArray((value as Partial<WithFrames>).frames);
}

/** The debug ids that an event of a Sentry SDK carries, by what it calls the scripts. */
export function debugIdsOf({ details }: ErrorReport): Map<string, string> {
  const images = (details?.['debug_meta'] as { images?: unknown } | undefined)?.images;
  const ids = new Map<string, string>();
  for (const image of Array.isArray(images) ? (images as unknown[]) : []) {
    const { code_file: file, debug_id: id } = (image ?? {}) as Record<string, unknown>;
    if (typeof file === 'string' && typeof id === 'string') ids.set(file, plainDebugId(id));
  }
  return ids;
}

/** As they are compared: SDKs write them with and without hyphens. */
export function plainDebugId(id: string): string {
  return id.replaceAll('-', '').toLowerCase();
}

/** The report with the frames of its exceptions mapped; the same one when none of them could be. */
export function withMappedFrames(
  report: ErrorReport,
  exceptions: readonly WithFrames[],
  mapOf: (call: Call) => ParsedMap | undefined,
): ErrorReport {
  const mapped = new Map<WithFrames, WithFrames>();
  for (const exception of exceptions) {
    const places = mapCalls(exception.frames.map(callOf), mapOf);
    if (!places.some(Boolean)) continue;
    const frames = exception.frames.map((frame, index) => mappedFrame(frame, places[index]));
    mapped.set(exception, { ...exception, frames });
  }
  if (mapped.size === 0) return report;
  const all = report.details!['exceptions'] as WithFrames[];
  const main = exceptions.find(({ frames }) => frames === report.frames);
  return {
    ...report,
    frames: (main && mapped.get(main)?.frames) ?? report.frames,
    details: { ...report.details, exceptions: all.map((exception) => mapped.get(exception) ?? exception) },
  };
}

function callOf({ function: name, abs_path, filename, lineno, colno }: StackFrame): Call {
  return { name, file: abs_path ?? filename ?? '', line: lineno ?? 0, column: colno ?? 0 };
}

function mappedFrame(frame: StackFrame, place: MappedCall | undefined): StackFrame {
  if (!place || frame.lineno === null || frame.colno === null) return frame;
  const { vars } = frame;
  return {
    function: place.name,
    module: null,
    filename: place.file,
    abs_path: null,
    lineno: place.line,
    colno: place.column,
    in_app: place.inApp,
    ...(place.contextLine !== undefined && { context_line: place.contextLine }),
    ...(place.preContext && { pre_context: place.preContext }),
    ...(place.postContext && { post_context: place.postContext }),
    ...(vars && { vars }),
  };
}
