import type { StackFrame } from '../../error-report.js';
import { BoundedMemo } from '../bounded-memo.js';
import { firstLines, normaliseLine } from '../message/normalise-message.js';
import { BUNDLED_COLUMN, baseName, describeFrame, plainName } from './describe-frame.js';
import type { Frame } from './frame.js';
import { isOwnCode, isPanic } from './own-code.js';
import { framesOf } from './read-frames.js';
import { rootCauseOf, sectionsOf } from './sections.js';

/** Calls that take part in grouping. */
const FRAMES = 3;
/** Characters of stack traces whose reading is remembered. */
const MEMO_CHARACTERS = 8_000_000;
const MAX_CULPRIT = 200;

/** What a stack trace contributes to the grouping of an error. */
export interface Calls {
  /** The calls that take part, normalised; the one that failed first. */
  lines: readonly string[];
  /** The same calls as they were reported. Empty when no format was recognised: then `lines` are lines of text. */
  frames: readonly Frame[];
  /** Type of the root cause, where the trace names one. */
  cause: string | null;
  /** The first of the calls, for people: `checkout (src/cart.js)`. */
  culprit: string | null;
}

interface KnownFrame {
  isOwn: boolean;
  /** Normalised; worked out for calls that take part only. */
  line: string | undefined;
}

export const NO_CALLS: Calls = { lines: [], frames: [], cause: null, culprit: null };

/** Says whether a call is the user’s own code. */
export type IsOwn = (frame: Frame) => boolean;

/**
 * Reads what stays the same of a stack when the same problem happens again: the first three calls of the user’s own code
 * (or of any code when there is none of that). When no format is recognised: the first three lines, normalised like a message.
 *
 * Total: any text gives an answer, in time linear to its length. Texts that were read lately are not read again:
 * floods repeat their stacks.
 */
export class StackReader {
  private readonly memo = new BoundedMemo<Calls>(MEMO_CHARACTERS);
  private readonly known = new BoundedMemo<KnownFrame>(MEMO_CHARACTERS / 4);

  constructor(private readonly isOwn: IsOwn = isOwnCode) {}

  read(stackTrace: string | null | undefined, frames: readonly StackFrame[] | null | undefined): Calls {
    if (frames && frames.length > 0) {
      const calls = this.fromFrames(
        frames.slice(0, MAX_FRAMES).map(frameOf).filter(isNamed),
        stackTrace ?? '',
      );
      if (calls) return calls;
    }
    return stackTrace ? this.memo.get(stackTrace, (text) => this.fromText(text)) : NO_CALLS;
  }

  private fromText(text: string): Calls {
    let fallback: Frame[] | undefined;
    for (const section of sectionsOf(text)) {
      const picked = this.pick(framesOf(text, section));
      if (picked.own.length > 0) return this.callsOf(picked.own, text);
      if (picked.others.length > 0) fallback ??= picked.others;
    }
    if (fallback) return this.callsOf(fallback, text);
    return { ...NO_CALLS, lines: firstLines(text, FRAMES).map(normaliseLine) };
  }

  private fromFrames(frames: readonly Frame[], text: string): Calls | undefined {
    const { own, others } = this.pick(frames);
    const picked = own.length > 0 ? own : others;
    return picked.length > 0 ? this.callsOf(picked, text) : undefined;
  }

  private pick(frames: Iterable<Frame>): { own: Frame[]; others: Frame[] } {
    let own: Frame[] = [];
    let others: Frame[] = [];
    for (const frame of frames) {
      if (isPanic(frame)) {
        own = [];
        others = [];
      } else if (this.factsOf(frame).isOwn) own.push(frame);
      else if (others.length < FRAMES) others.push(frame);
      if (own.length === FRAMES) break;
    }
    return { own, others };
  }

  private callsOf(frames: readonly Frame[], text: string): Calls {
    const cause = rootCauseOf(text);
    return {
      lines: frames.map((frame) => this.lineOf(frame)).filter(isFirstInRow),
      frames,
      cause: cause === undefined ? null : normaliseLine(cause),
      culprit: culpritOf(frames[0]!),
    };
  }

  /** Other stacks hold the same calls: what was found out about one is remembered apart from them. */
  private factsOf(frame: Frame): KnownFrame {
    const bundled = frame.column < BUNDLED_COLUMN ? '' : '\n!';
    const reported = frame.module == null && frame.inApp == null ? '' : `\n${frame.module}\n${frame.inApp}`;
    const key = `${frame.name}\n${frame.file}${bundled}${reported}`;
    return this.known.get(key, () => ({ isOwn: this.isOwn(frame), line: undefined }));
  }

  private lineOf(frame: Frame): string {
    const facts = this.factsOf(frame);
    facts.line ??= describeFrame(frame);
    return facts.line;
  }
}

/** Frames that are looked at, as with lines. */
const MAX_FRAMES = 200;
/** Characters of a name or a file that are read; lines of text are bounded as they are read. */
const MAX_PART = 500;
/** Languages that name a call by its module or class; in others the file does. */
const NAMED_BY_MODULE = /\.(?:java|kts?|scala|groovy|clj|cs|vb|fs|go)$/i;

function frameOf({ function: name, module, filename, abs_path, colno, in_app }: StackFrame): Frame {
  const file = (filename ?? abs_path ?? '').slice(-MAX_PART);
  const isPartOfName = module !== null && (file === '' || NAMED_BY_MODULE.test(file));
  return {
    name: (isPartOfName ? [module, name].filter(Boolean).join('.') : (name ?? '')).slice(0, MAX_PART),
    file,
    column: colno ?? 0,
    inApp: in_app,
    module: module && module.slice(0, MAX_PART),
  };
}

function isNamed({ name, file }: Frame): boolean {
  return (name !== '' && name !== '?') || file !== '';
}

/** How deep a recursion went does not make another problem. */
function isFirstInRow(line: string, index: number, lines: readonly string[]): boolean {
  return line !== lines[index - 1];
}

/** A relative path is how the program calls its file; of an absolute one only the name is kept. */
const ABSOLUTE = /^(?:[/\\]|[a-z][a-z\d+.-]*:)/i;

function culpritOf(frame: Frame): string {
  const name = plainName(frame);
  const file = ABSOLUTE.test(frame.file) || frame.file.includes('?') ? baseName(frame.file) : frame.file;
  const culprit = name === '' ? file : file === '' ? name : `${name} (${file})`;
  return culprit.slice(0, MAX_CULPRIT);
}
