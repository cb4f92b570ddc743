/** One call of a stack trace, before it is normalised. */
export interface Frame {
  /** Function, method or module path; empty when it has no name. */
  name: string;
  /** File, URL or source location without line and column; empty when unknown. */
  file: string;
  /** Column, from 1; 0 when unknown. Tells bundles, whose lines are long, from sources. */
  column: number;
  /** Whether it is the user’s own code, when the reporter says so. */
  inApp?: boolean | null;
  /** Package, class or module path, when it was reported apart from the name. */
  module?: string | null;
}

const ZERO = 0x30;
const NINE = 0x39;
const COLON = 0x3a;

/** Takes `:line` or `:line:column` off the end of a place. By hand: it runs for every line of every stack trace. */
export function placeOf(text: string): { file: string; column: number; hasLine: boolean } {
  const last = colonBeforeDigits(text, text.length);
  if (last < 0) return { file: text, column: 0, hasLine: false };
  const first = colonBeforeDigits(text, last);
  if (first < 0) return { file: text.slice(0, last), column: 0, hasLine: true };
  return { file: text.slice(0, first), column: Number(text.slice(last + 1)), hasLine: true };
}

/** Where the colon stands that has only digits, and at least one, between it and the end; -1 for none. */
function colonBeforeDigits(text: string, end: number): number {
  let index = end - 1;
  while (index >= 0 && text.charCodeAt(index) >= ZERO && text.charCodeAt(index) <= NINE) index--;
  return index >= 0 && index < end - 1 && text.charCodeAt(index) === COLON ? index : -1;
}
