export interface TurnstileOptions {
  /** Most pieces of work that have just begun. */
  width: number;
  /** How long a piece of work counts as just begun, in milliseconds. */
  patienceMs: number;
}

/**
 * Lets work begin a few at a time, without ever waiting for what is slow: a piece of work gives up its place when it
 * ends or after a short while, whichever comes first. A burst is thus spread out over what the process can do, and
 * `width ÷ patienceMs` begin in any case, however many never end.
 */
export class Turnstile {
  private inside = 0;
  private waiting: (() => void)[] = [];
  private next = 0;

  constructor(private readonly options: TurnstileOptions) {}

  async pass<T>(work: () => Promise<T>): Promise<T> {
    await this.enter();
    let hasLeft = false;
    const leave = (): void => {
      if (hasLeft) return;
      hasLeft = true;
      this.leave();
    };
    const timer = setTimeout(leave, this.options.patienceMs);
    try {
      return await work();
    } finally {
      clearTimeout(timer);
      leave();
    }
  }

  private enter(): Promise<void> | undefined {
    if (this.inside < this.options.width) {
      this.inside++;
      return undefined;
    }
    return new Promise((resolve) => this.waiting.push(resolve));
  }

  /** The place goes to whoever has waited longest. */
  private leave(): void {
    const first = this.waiting[this.next];
    if (!first) {
      this.inside--;
      return;
    }
    this.next++;
    if (this.next === this.waiting.length) {
      this.waiting = [];
      this.next = 0;
    }
    first();
  }
}
