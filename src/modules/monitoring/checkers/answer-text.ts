import { performance } from 'node:perf_hooks';
import { type Assertion, evaluateAssertions } from './assertions.js';
import type { Attempt } from './attempt.js';
import type { CheckTarget } from './checker.js';

/** More of an answer is not read where the protocol does not say how long it is. */
export const MAX_TEXT_LENGTH = 256 * 1024;

/** What an answer of so many characters has to say for itself: there may be more. */
export function textFacts(text: string): { text: string; cut_at_kb?: number } {
  return { text, ...(text.length >= MAX_TEXT_LENGTH && { cut_at_kb: MAX_TEXT_LENGTH / 1_024 }) };
}

/** Silence that means that an answer is complete, at most; a fourth of the timeout when that is less. */
const SILENCE_MS = 1_000;
/** Conditions are tried no more often than this: each byte may come alone. */
const PAUSE_MS = 5;

/**
 * Gathers the text of an answer whose protocol does not say where it ends. It ends when all conditions on it hold,
 * when it is too long, when {@link end} is called because the other side has closed, or after a silence. A condition
 * that something is absent can only be believed at the end.
 */
export class AnswerText {
  private text = '';
  private lastPart: number | undefined;
  private pause: NodeJS.Timeout | undefined;
  private looksSoon = false;
  private readonly conditions: Assertion[];
  private readonly silenceMs: number;

  constructor(
    { assertions, timeout_ms }: Pick<CheckTarget, 'assertions' | 'timeout_ms'>,
    private readonly attempt: Attempt,
    private readonly resolve: (text: string) => void,
    private readonly reject: (error: unknown) => void,
  ) {
    this.conditions = assertions.filter(({ type }) => type === 'body' || type === 'json');
    this.silenceMs = Math.min(SILENCE_MS, timeout_ms / 4);
  }

  add(part: string): void {
    if (this.lastPart === undefined) this.attempt.clock.mark('first_byte', 'reading the answer');
    this.lastPart = performance.now();
    this.text += part;
    if (this.text.length >= MAX_TEXT_LENGTH) this.end();
    else if (!this.looksSoon) this.lookIn(PAUSE_MS, true);
  }

  /** Nothing more will come. */
  end(error: unknown = new Error('socket hang up')): void {
    clearTimeout(this.pause);
    if (this.lastPart === undefined) return this.reject(error);
    const { clock } = this.attempt;
    clock.mark('download', 'reading the answer', this.lastPart);
    clock.finish(this.lastPart);
    this.resolve(this.text.slice(0, MAX_TEXT_LENGTH));
  }

  private look(): void {
    try {
      if (this.isEnough()) return this.end();
    } catch (error) {
      return this.reject(error);
    }
    const silence = performance.now() - this.lastPart!;
    if (silence >= this.silenceMs) return this.end();
    this.lookIn(Math.max(PAUSE_MS, this.silenceMs - silence), false);
  }

  private lookIn(milliseconds: number, soon: boolean): void {
    clearTimeout(this.pause);
    this.looksSoon = soon;
    this.pause = setTimeout(() => this.look(), milliseconds);
  }

  private isEnough(): boolean {
    if (this.conditions.some(({ operator }) => operator.startsWith('not_'))) return false;
    const facts = { text: this.text, headers: {}, response_time_ms: 0, certificate: null, now: 0 };
    const { hard, soft } = evaluateAssertions(this.conditions, facts);
    return hard.length + soft.length === 0;
  }
}
