/** After this an unanswered question is taken to be lost with its connection, and asked again. */
const LOST_AFTER_MS = 10_000;

/** A question to something without a timeout of its own: while it hangs, callers share one question instead of piling up more. */
export class SharedQuestion<Answer> {
  private pending: Promise<Answer> | undefined;
  private askedAt = 0;

  constructor(
    private readonly question: () => Promise<Answer>,
    /** Milliseconds since some moment. */
    private readonly now: () => number = Date.now,
  ) {}

  ask(): Promise<Answer> {
    if (this.pending && this.now() - this.askedAt < LOST_AFTER_MS) return this.pending;
    const pending = this.question();
    const forget = (): void => {
      if (this.pending === pending) this.pending = undefined;
    };
    pending.then(forget, forget);
    this.pending = pending;
    this.askedAt = this.now();
    return pending;
  }
}
