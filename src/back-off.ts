const FIRST_DELAY_MS = 250;
const MAX_DELAY_MS = 10_000;
/** What lived this long was healthy: its next restart is quick again. */
const HEALTHY_MS = 30_000;

/** How long to wait before something that died is started again. */
export class BackOff {
  private delay = FIRST_DELAY_MS;
  private due = -Infinity;

  /** Milliseconds to wait now; twice as long each time, until all has been well for a while. */
  next(now = Date.now()): number {
    if (now - this.due > HEALTHY_MS) this.delay = FIRST_DELAY_MS;
    const wait = this.delay;
    this.due = now + wait;
    this.delay = Math.min(wait * 2, MAX_DELAY_MS);
    return wait;
  }
}
