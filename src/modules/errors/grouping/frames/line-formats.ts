/** One call of a stack trace, before it is normalised. */
export interface Frame {
  /** Function, method or module path; empty when it has no name. */
  name: string;
  /** File, URL or source location; empty when unknown. */
  file: string;
}

/** Reads one line of a stack trace. `undefined`: the line is not of this format. */
type FrameFormat = (line: string, previous: string) => Frame | undefined;

const LOCATION = /(?::\d+){1,2}$/;
/** `Bar.java:42`, `Native Method`, `Unknown Source`: what Java writes between the brackets. */
const JAVA_SOURCE = /^(?:[\w$-]+\.(?:java|kt|scala|groovy|clj)(?::\d+)?|Native Method|Unknown Source|<\w+>)$/;
const DOTNET_FILE = / in (.+):(?:line )?\d+$/;

/** `at f (file:1:2)`, `at file:1:2`, `at a.b.C.m(C.java:1)`, `at N.C.M(String s) in C:\f.cs:line 1`. */
const atLine: FrameFormat = (line) => {
  if (!line.startsWith('at ')) return undefined;
  const call = line.slice(3).trim();
  const dotnetFile = DOTNET_FILE.exec(call)?.[1];
  const bracket = call.indexOf('(');
  if (bracket < 0)
    return isLocation(call) ? { name: '', file: withoutLocation(call) } : { name: call, file: '' };
  const inside = call.slice(bracket + 1, call.endsWith(')') ? -1 : undefined);
  if (dotnetFile !== undefined) return { name: call.slice(0, bracket), file: dotnetFile };
  if (JAVA_SOURCE.test(inside))
    return { name: javaName(call.slice(0, bracket)), file: withoutLocation(inside) };
  if (call[bracket - 1] !== ' ') return { name: call.slice(0, bracket), file: '' };
  return { name: call.slice(0, bracket - 1), file: withoutLocation(inside) };
};

/** Without class loader and module: `app//com.acme.Shop.buy`, `java.base/java.util.List.of`. */
function javaName(name: string): string {
  return name.slice(name.lastIndexOf('/') + 1);
}

/** Firefox and Safari: `f@https://host/app.js:1:2`. */
const geckoLine: FrameFormat = (line) => {
  const at = line.lastIndexOf('@');
  if (at < 0 || line.includes(' ', at)) return undefined;
  const file = line.slice(at + 1);
  if (!LOCATION.test(file) && file !== '[native') return undefined;
  return { name: line.slice(0, at), file: withoutLocation(file) };
};

const PYTHON = /^File "([^"]+)", line \d+(?:, in (.+))?$/;
const pythonLine: FrameFormat = (line) => {
  const match = line.startsWith('File "') ? PYTHON.exec(line) : null;
  return match ? { name: match[2] ?? '', file: match[1]! } : undefined;
};

const PHP = /^#\d+ (?:([^(]*)\(\d+\)|\[internal function\]): ([^(]*)/;
const phpLine: FrameFormat = (line) => {
  const match = line.startsWith('#') ? PHP.exec(line) : null;
  return match ? { name: match[2]!, file: match[1] ?? '[internal]' } : undefined;
};

const RUBY = /^(?:from |\d+: from )?([^\s:]+\.(?:rb|erb|rake|ru)):\d+(?::in [`'](.+)')?/;
const rubyLine: FrameFormat = (line) => {
  const match = line.includes(':in ') || line.includes('.rb:') ? RUBY.exec(line) : null;
  return match ? { name: match[2] ?? '', file: match[1]! } : undefined;
};

/** Go writes the call on one line and its place on the next. */
const GO_PLACE = /^(\S+\.(?:go|s)):\d+(?: \+0x[\da-f]+)?$/;
const goLine: FrameFormat = (line, previous) => {
  const match = line.includes('.go:') || line.includes('.s:') ? GO_PLACE.exec(line) : null;
  if (!match) return undefined;
  const call = previous.replace(/^created by /, '').replace(/ in goroutine \d+$/, '');
  const bracket = call.lastIndexOf('(');
  return { name: bracket > 0 && call.endsWith(')') ? call.slice(0, bracket) : call, file: match[1]! };
};

const FORMATS: readonly FrameFormat[] = [atLine, pythonLine, phpLine, goLine, rubyLine, geckoLine];

/** Longest line that is read as a frame. */
const MAX_LINE = 1_000;
/** Most lines that are read, from the end where the call that failed stands. */
const MAX_LINES = 200;
/** Python writes the call that failed last, and says so. */
const CRASH_LAST = 'most recent call last';

/**
 * The calls of a stack trace in any known format, the one that failed first; none when no format is recognised.
 * Read as they are asked for: most callers need only the first few.
 */
export function* framesOf(stackTrace: string): Generator<Frame> {
  const lines = stackTrace.includes(CRASH_LAST) ? linesFromEnd(stackTrace) : linesFromStart(stackTrace);
  let previous = '';
  for (const raw of lines) {
    const line = raw.trim();
    const frame = readFrame(line, previous);
    if (frame) yield frame;
    previous = line;
  }
}

function readFrame(line: string, previous: string): Frame | undefined {
  if (line === '' || line.length > MAX_LINE) return undefined;
  for (const format of FORMATS) {
    const frame = format(line, previous);
    if (frame) return frame;
  }
  return undefined;
}

function* linesFromStart(text: string): Generator<string> {
  let start = 0;
  for (let count = 0; count < MAX_LINES && start <= text.length; count++) {
    const end = text.indexOf('\n', start);
    yield text.slice(start, end < 0 ? undefined : end);
    if (end < 0) return;
    start = end + 1;
  }
}

function* linesFromEnd(text: string): Generator<string> {
  let end = text.length;
  for (let count = 0; count < MAX_LINES && end >= 0; count++) {
    const start = end === 0 ? -1 : text.lastIndexOf('\n', end - 1);
    yield text.slice(start + 1, end);
    end = start;
  }
}

function isLocation(text: string): boolean {
  return LOCATION.test(text) || text === '<anonymous>' || text.startsWith('async ');
}

function withoutLocation(file: string): string {
  return file.replace(LOCATION, '');
}
