import { CodedException } from '../../common/coded-exception.js';
import type { Line } from './bundle-format.js';

/** Longer than any row can be: what has no end of line is no bundle. */
const MAX_LINE = 64 * 1024 * 1024;

export interface NumberedLine {
  /** From 1. */
  number: number;
  text: string;
  line: Line;
}

/** A failure that names the line. */
export function badLine(number: number, problem: string): CodedException {
  return new CodedException('VALIDATION_FAILED', `Line ${number}: ${problem}`);
}

/** The lines of a file, each read as JSON. @throws CodedException `VALIDATION_FAILED` */
export async function* linesOf(source: AsyncIterable<Buffer | string>): AsyncGenerator<NumberedLine> {
  let number = 0;
  for await (const text of split(source)) {
    number++;
    if (text !== '') yield { number, text, line: parse(number, text) };
  }
}

async function* split(source: AsyncIterable<Buffer | string>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest: string[] = [];
  let length = 0;
  for await (const chunk of source) {
    const pieces = (typeof chunk === 'string' ? chunk : decoder.decode(chunk, { stream: true })).split('\n');
    for (const piece of pieces.slice(0, -1)) {
      yield rest.join('') + piece;
      rest = [];
      length = 0;
    }
    rest.push(pieces.at(-1)!);
    length += pieces.at(-1)!.length;
    if (length > MAX_LINE) throw new CodedException('VALIDATION_FAILED', 'A line is too long.');
  }
  if (length > 0) yield rest.join('');
}

function parse(number: number, text: string): Line {
  let line: unknown;
  try {
    line = JSON.parse(text);
  } catch {
    throw badLine(number, 'it is not JSON. Is the file cut off?');
  }
  if (typeof line === 'object' && line !== null && typeof (line as Line).type === 'string')
    return line as Line;
  throw badLine(number, 'it has no type.');
}
