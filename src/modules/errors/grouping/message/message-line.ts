import { BoundedMemo } from '../bounded-memo.js';
import { readLine } from '../frames/read-frames.js';
import { inOneWording } from './browser-wordings.js';
import { firstLines, normaliseLine } from './normalise-message.js';
import { LINE_BREAK } from './placeholders.js';

/** Lines of a message that take part in grouping. */
const LINES = 2;
/** Floods repeat their messages, too. */
const memo = new BoundedMemo<string>(1_500_000);
const HEADINGS = /^(?:Traceback|Stack ?trace|stack backtrace|Require stack|Call Stack|goroutine \d+)\b/i;

/**
 * The part of a message that stays the same when the same problem happens again, in one line: what differs from time to
 * time (addresses, ids, numbers, dates, quoted values…) is replaced by placeholders. A stack trace that somebody put into the message is no part of it:
 * frames have their own place, and their positions would split the group.
 */
export function messageLine(message: string): string {
  return memo.get(message, normalise);
}

function normalise(message: string): string {
  const lines = firstLines(message, LINES);
  const first = lines[0];
  if (first === undefined) return '';
  const second = lines[1];
  const title = normaliseLine(inOneWording(first));
  if (second === undefined || isStack(second)) return title;
  return title + LINE_BREAK + normaliseLine(second);
}

function isStack(line: string): boolean {
  return HEADINGS.test(line) || (readLine(line, '') !== undefined && !line.includes('@'));
}
