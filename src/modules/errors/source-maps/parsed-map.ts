import {
  AnyMap,
  originalPositionFor,
  sourceContentFor,
  type SourceMapInput,
  type TraceMap,
} from '@jridgewell/trace-mapping';
import type { Call, MappedCall } from './call.js';

const CONTEXT_LINES = 5;
const MAX_LINE = 512;
/** Of other packages, or written by the bundler. */
const FOREIGN = /(?:^|\/)node_modules\/|(?:^|\/)webpack\/(?:bootstrap|runtime|startup)|^\(webpack\)|^\0/;
/** `webpack://shop/./src/cart.ts`, `webpack-internal:///./src/cart.ts`, `../../src/cart.ts`. */
const BUNDLER = /^(?:webpack(?:-internal)?|rollup|turbopack|vite):\/\/[^/]*\//;
const LEADING = /^(?:\.{0,2}\/)+/;

/** Where a place of a bundle was written. */
export interface Original extends MappedCall {
  /** What the bundler renamed at exactly this place. */
  token: string | null;
}

/** A source map, ready to be asked. */
export class ParsedMap {
  private readonly map: TraceMap;
  private readonly lines = new Map<string, readonly string[]>();

  /** @throws Error when it is no source map; one whose places cannot be read is found out when it is asked */
  constructor(map: SourceMapInput) {
    this.map = new AnyMap(map);
  }

  find({ line, column }: Call): Original | undefined {
    // In the text of a stack columns count from 1, in a source map from 0.
    const found = originalPositionFor(this.map, { line: Math.max(line, 1), column: Math.max(column - 1, 0) });
    if (found.source === null) return undefined;
    return {
      name: null,
      token: found.name,
      file: cleanPath(found.source),
      line: found.line,
      column: found.column + 1,
      inApp: !FOREIGN.test(found.source),
      ...this.context(found.source, found.line),
    };
  }

  private context(
    source: string,
    line: number,
  ): Pick<MappedCall, 'contextLine' | 'preContext' | 'postContext'> {
    const lines = this.linesOf(source);
    const at = line - 1;
    if (lines[at] === undefined) return {};
    const cut = (from: number, to: number) =>
      lines.slice(Math.max(from, 0), to).map((text) => text.slice(0, MAX_LINE));
    return {
      contextLine: lines[at].slice(0, MAX_LINE),
      preContext: cut(at - CONTEXT_LINES, at),
      postContext: cut(at + 1, at + 1 + CONTEXT_LINES),
    };
  }

  private linesOf(source: string): readonly string[] {
    const known = this.lines.get(source);
    if (known) return known;
    const lines = sourceContentFor(this.map, source)?.split(/\r?\n/) ?? [];
    this.lines.set(source, lines);
    return lines;
  }
}

/** As the source is called in its project. */
function cleanPath(source: string): string {
  const path = source.replace(BUNDLER, '').replace(LEADING, '').replace(/\?.*$/, '');
  return path === '' ? source : path;
}
