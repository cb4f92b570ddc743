/** A part of a stack trace that belongs to one exception, with the order of its calls. */
export interface Section {
  start: number;
  end: number;
  /** Whether the call that failed stands last. */
  crashLast: boolean;
}

/** Sections that are looked at. */
const MAX_SECTIONS = 10;

const CAUSES = ['Caused by: ', '[cause]: '] as const;
const PYTHON_HEAD = 'Traceback (most recent call last)';
const XDEBUG_HEADS = ['PHP Stack trace:', 'Call Stack:'] as const;

/**
 * The exceptions of a stack trace, the one that tells most first: the root cause of Java (`Caused by:`, the last),
 * the exception that Python raised last. Where others chain (.NET, PHP), the inner one is written first anyway.
 */
export function* sectionsOf(text: string): Generator<Section> {
  if (text.includes('most recent call last')) return yield* fromEnd(text, PYTHON_HEAD, true);
  const cause = CAUSES.find((word) => text.includes(word));
  if (cause !== undefined) return yield* fromEnd(text, cause, false);
  yield { start: 0, end: text.length, crashLast: XDEBUG_HEADS.some((head) => text.includes(head)) };
}

/** Sections that begin where a word stands, the last first; then what stands before all of them. */
function* fromEnd(text: string, head: string, crashLast: boolean): Generator<Section> {
  let end = text.length;
  for (let count = 0; count < MAX_SECTIONS && end > 0; count++) {
    const start = Math.max(0, text.lastIndexOf(head, end - 1));
    yield { start, end, crashLast };
    end = start;
  }
}

const TYPE_END = /[\s:(]/;
const MAX_TYPE = 200;

/** The type of the root cause, where the trace names one: `Caused by: java.net.ConnectException: …`. */
export function rootCauseOf(text: string): string | undefined {
  for (const word of CAUSES) {
    const at = text.lastIndexOf(word);
    if (at < 0) continue;
    const rest = text.slice(at + word.length, at + word.length + MAX_TYPE);
    const end = rest.search(TYPE_END);
    const type = end < 0 ? rest : rest.slice(0, end);
    if (type !== '') return type;
  }
  return undefined;
}
