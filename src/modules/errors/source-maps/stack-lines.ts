import type { Call, MappedCall } from './call.js';

/** Most lines of a stack trace that are looked at, and the longest of them. */
const MAX_LINES = 200;
const MAX_LINE = 1_000;
const NUMBER = /^\d{1,9}$/;
const PREFIX = /^(?:async |new )+/;

/** One line of a stack trace, taken apart so that it can be put together with another place. */
interface CallLine {
  index: number;
  call: Call;
  /** The line with this place in it. */
  write: (mapped: MappedCall) => string;
}

/** The calls with a place in the text of a stack as V8, Firefox and Safari write it. */
export class StackLines {
  private readonly lines: string[];
  private readonly found: CallLine[] = [];

  constructor(text: string) {
    this.lines = text.split('\n');
    const last = Math.min(this.lines.length, MAX_LINES);
    for (let index = 0; index < last; index++) {
      const line = readLine(this.lines[index]!, index);
      if (line) this.found.push(line);
    }
  }

  get calls(): Call[] {
    return this.found.map(({ call }) => call);
  }

  /** The text with other places, one for each of the calls or undefined to leave it as it is. */
  withPlaces(places: readonly (MappedCall | undefined)[]): string {
    const lines = [...this.lines];
    for (const [position, { index, write }] of this.found.entries()) {
      const place = places[position];
      if (place) lines[index] = write(place);
    }
    return lines.join('\n');
  }
}

function readLine(line: string, index: number): CallLine | undefined {
  if (line.length > MAX_LINE) return undefined;
  const text = line.trim();
  const indent = line.slice(0, line.length - line.trimStart().length);
  return text.startsWith('at ') ? readV8(text, index, indent) : readGecko(text, index);
}

/** `at name (file:1:2)`, `at file:1:2`, `at async name (…)`, `at new Name (…)`. */
function readV8(text: string, index: number, indent: string): CallLine | undefined {
  const rest = text.slice(3);
  const open = rest.endsWith(')') ? rest.lastIndexOf(' (') : -1;
  const whole = open < 0 ? '' : rest.slice(0, open);
  const [prefix] = PREFIX.exec(open < 0 ? rest : whole) ?? [''];
  const place = placeOf(open < 0 ? rest.slice(prefix.length) : rest.slice(open + 2, -1));
  if (!place) return undefined;
  const name = whole.slice(prefix.length);
  return {
    index,
    call: { ...place, name: name === '' || name === '<anonymous>' ? null : name },
    write: ({ name: mapped, file, line, column }) =>
      mapped === null
        ? `${indent}at ${prefix}${file}:${line}:${column}`
        : `${indent}at ${prefix}${mapped} (${file}:${line}:${column})`,
  };
}

/** `name@file:1:2`; the file may hold an `@`, the name does not. */
function readGecko(text: string, index: number): CallLine | undefined {
  const at = text.indexOf('@');
  const place = at < 0 ? undefined : placeOf(text.slice(at + 1));
  if (!place) return undefined;
  return {
    index,
    call: { ...place, name: at === 0 ? null : text.slice(0, at) },
    write: ({ name, file, line, column }) => `${name ?? ''}@${file}:${line}:${column}`,
  };
}

function placeOf(text: string): Omit<Call, 'name'> | undefined {
  const second = text.lastIndexOf(':');
  const first = text.lastIndexOf(':', second - 1);
  const line = text.slice(first + 1, second);
  const column = text.slice(second + 1);
  if (first <= 0 || !NUMBER.test(line) || !NUMBER.test(column)) return undefined;
  return { file: text.slice(0, first), line: Number(line), column: Number(column) };
}
