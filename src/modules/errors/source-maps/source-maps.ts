import { Injectable, Logger } from '@nestjs/common';
import type { ErrorReport, StackFrame } from '../error-report.js';
import type { Call, MappedCall } from './call.js';
import { mapCalls } from './map-calls.js';
import type { ParsedMap } from './parsed-map.js';
import { debugIdsOf, exceptionsOf, isScript, withMappedFrames } from './report-parts.js';
import { scriptPath } from './script-path.js';
import { SourceMapFinder } from './source-map-finder.js';
import { StackLines } from './stack-lines.js';
import type { MapKey } from './source-map-store.js';

/** Most scripts of one report whose maps are read, and most debug ids that are looked up for it. */
const MAX_SCRIPTS = 20;
const MAX_DEBUG_IDS = 50;

/** Puts the calls of minified scripts back where they were written, as far as source maps were uploaded. */
@Injectable()
export class SourceMaps {
  private readonly logger = new Logger(SourceMaps.name);

  constructor(private readonly finder: SourceMapFinder) {}

  /** The same report where there is nothing to do, at once; never fails. */
  apply(report: ErrorReport): ErrorReport | Promise<ErrorReport> {
    if (!this.finder.has(report.source) || !isScript(report)) return report;
    return this.mapped(report).catch((error: unknown) => {
      // The occurrence says so, and a broken map must not fill the log.
      this.logger.debug({ message: 'Source maps could not be applied', reason: (error as Error).message });
      return noted(report, 'could not be read');
    });
  }

  private async mapped(report: ErrorReport): Promise<ErrorReport> {
    const stack = report.stack_trace === null ? undefined : new StackLines(report.stack_trace);
    const exceptions = exceptionsOf(report);
    const files = new Set<string>();
    for (const { file } of stack?.calls ?? []) files.add(file);
    for (const { frames } of exceptions)
      for (const { abs_path, filename } of frames) files.add(abs_path ?? filename ?? '');
    const maps = await this.mapsOf(report, [...files]);
    if (maps.size === 0) return noted(report, `none for release ${report.release ?? '(not said)'}`);
    const mapOf = ({ file }: Call): ParsedMap | undefined => maps.get(file);
    const places = stack ? mapCalls(stack.calls, mapOf) : [];
    const text = stack && places.some(Boolean) ? stack.withPlaces(places) : report.stack_trace;
    const withFrames = withMappedFrames(report, exceptions, mapOf);
    if (text === report.stack_trace && withFrames === report) return noted(report, 'no place found in it');
    return {
      ...withFrames,
      stack_trace: text,
      // One that was made of a call names the minified one; the grouping finds the right one.
      culprit: report.context['transaction'] === undefined ? null : report.culprit,
      details: {
        ...withFrames.details,
        ...(exceptions.length === 0 && stack && { exceptions: [asException(stack.calls, places)] }),
        ...(text !== report.stack_trace && { minified_stack_trace: report.stack_trace }),
        source_map: 'applied',
      },
    };
  }

  /** The maps of scripts, by what the report calls them. */
  private async mapsOf(report: ErrorReport, files: readonly string[]): Promise<Map<string, ParsedMap>> {
    const byPath = await this.keysByPath(report);
    const debugIds = debugIdsOf(report);
    const maps = new Map<string, ParsedMap>();
    let tried = 0;
    let lookedUp = 0;
    for (const file of files) {
      const path = scriptPath(file);
      const debugId = lookedUp < MAX_DEBUG_IDS ? debugIds.get(file) : undefined;
      if (debugId) lookedUp++;
      const exact = debugId && (await this.finder.keyOfDebugId(report.source, debugId));
      const key = exact ?? (path === undefined ? undefined : byPath.get(path));
      if (!key || ++tried > MAX_SCRIPTS) continue;
      const map = await this.finder.map(key.id);
      if (map) maps.set(file, map);
    }
    return maps;
  }

  /** Of several builds of a release the one that the report names, else the one without a name. */
  private async keysByPath({ source, release, context }: ErrorReport): Promise<Map<string, MapKey>> {
    const keys = release === null ? [] : await this.finder.keysOfRelease(source, release);
    const dist = context['dist'];
    const byPath = new Map<string, MapKey>();
    for (const key of keys) if (key.dist === '' || key.dist === dist) byPath.set(key.path, key);
    return byPath;
  }
}

function noted(report: ErrorReport, note: string): ErrorReport {
  return { ...report, details: { ...report.details, source_map: note } };
}

/** The calls of a text as frames, so that they can be shown with their source. */
function asException(
  calls: readonly Call[],
  places: readonly (MappedCall | undefined)[],
): { type: null; value: null; frames: StackFrame[] } {
  const frames = calls.map((call, index) => {
    const { name, file, line, column } = places[index] ?? call;
    const { inApp, contextLine, preContext, postContext } = places[index] ?? {};
    return {
      function: name,
      module: null,
      filename: file,
      abs_path: null,
      lineno: line,
      colno: column,
      in_app: inApp ?? null,
      ...(contextLine !== undefined && { context_line: contextLine }),
      ...(preContext && { pre_context: preContext }),
      ...(postContext && { post_context: postContext }),
    };
  });
  return { type: null, value: null, frames };
}
