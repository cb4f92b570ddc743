import type { Frame } from './frame.js';
import {
  atLine,
  geckoLine,
  goLine,
  localisedDotnetLine,
  phpLine,
  pythonLine,
  rubyLine,
  rustName,
  xdebugLine,
} from './line-formats.js';
import type { Section } from './sections.js';

/** Longest line that is read as a frame. */
const MAX_LINE = 1_000;
/** Most lines of a section that are read, from the end where the call that failed stands. */
const MAX_LINES = 200;

/**
 * The calls of one section in any known format, the one that failed first; none when no format is recognised.
 * Read as they are asked for: most callers need only the first few.
 */
export function* framesOf(text: string, section: Section): Generator<Frame> {
  const lines = section.crashLast ? linesFromEnd(text, section) : linesFromStart(text, section);
  let previous = '';
  /** A Rust call, whose place may follow. */
  let pending: string | undefined;
  let count = 0;
  for (const raw of lines) {
    const line = raw.trim();
    if (isOver(line, count)) break;
    if (pending !== undefined) {
      const place = line.startsWith('at ') ? atLine(line) : undefined;
      yield { name: pending, file: place?.file ?? '', column: 0 };
      pending = undefined;
      if (place) continue;
    }
    const frame = readLine(line, previous);
    if (typeof frame === 'string') pending = frame;
    else if (frame) {
      count++;
      yield frame;
    }
    previous = line;
  }
  if (pending !== undefined) yield { name: pending, file: '', column: 0 };
}

/** Behind the calls stand other goroutines, and exceptions that were thrown while resources were closed. */
function isOver(line: string, count: number): boolean {
  return count > 0 && (line.startsWith('Suppressed: ') || line.startsWith('goroutine '));
}

/** A frame, the name of a Rust call, or nothing. */
export function readLine(line: string, previous: string): Frame | string | undefined {
  if (line === '' || line.length > MAX_LINE) return undefined;
  if (line.startsWith('at ')) return atLine(line);
  switch (line.charCodeAt(0)) {
    case 0x23: // #
      return phpLine(line) ?? geckoLine(line);
    case 0x46: // F
    case 0x7c: // | of an exception group
      return pythonLine(line.startsWith('| ') ? line.slice(2).trimStart() : line) ?? others(line, previous);
    case 0x50: // P
      return xdebugLine(line) ?? others(line, previous);
  }
  return others(line, previous);
}

function others(line: string, previous: string): Frame | string | undefined {
  if (line.includes('.go:') || line.includes('.s:')) {
    const frame = goLine(line, previous);
    if (frame) return frame;
  }
  if (line.includes(':in ') || line.includes('.rb:')) {
    const frame = rubyLine(line);
    if (frame) return frame;
  }
  if (line.includes('@')) return geckoLine(line);
  const first = line.charCodeAt(0);
  if (first >= 0x30 && first <= 0x39) return xdebugLine(line) ?? rustName(line);
  return line.includes('(') ? localisedDotnetLine(line) : undefined;
}

function* linesFromStart(text: string, section: Section): Generator<string> {
  let start = section.start;
  for (let count = 0; count < MAX_LINES && start < section.end; count++) {
    const found = text.indexOf('\n', start);
    const end = found < 0 || found > section.end ? section.end : found;
    yield text.slice(start, end);
    start = end + 1;
  }
}

function* linesFromEnd(text: string, section: Section): Generator<string> {
  let end = section.end;
  for (let count = 0; count < MAX_LINES && end > section.start; count++) {
    const found = text.lastIndexOf('\n', end - 1);
    const start = Math.max(found, section.start - 1);
    yield text.slice(start + 1, end);
    end = start;
  }
}
