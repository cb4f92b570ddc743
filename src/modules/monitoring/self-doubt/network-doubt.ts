/** What the witnesses together say: one was reached, all that prove anything were silent, or none proves anything. */
export type WitnessAnswer = 'reached' | 'silent' | 'unproven';

/** What to make of a failed check: a failure like any other, nothing at all, or a question to the witnesses. */
export type FailureVerdict = 'believe' | 'hold' | 'ask';

/** Results older than this say nothing about now, in milliseconds. */
const WINDOW_MS = 15_000;
/** Hosts that are looked at, the newest: where much is measured, they cover only a moment, and a loss shows at once. */
const NEWEST = 20;
/** A single host that fails is its own affair. */
const LEAST_FAILED = 2;
const SHARE = 0.5;
/** Where little is measured, the window is full of what succeeded before: then it counts how long ago that was. */
const NO_SUCCESS_MS = 5_000;
/** How long an answer of the witnesses is believed, in milliseconds. */
const ANSWER_MS = 5_000;
/** The same when no check has succeeded since. */
const LONELY_ANSWER_MS = 1_000;

interface Outcome {
  ok: boolean;
  at: number;
}

/**
 * Whether this worker should doubt itself: it looks at how its newest checks of different hosts went, and at what the
 * witnesses said. Knows no clock, no network and no promise. Times in milliseconds since the epoch.
 */
export class NetworkDoubt {
  /** The newest outcome of each host, the oldest first. */
  private readonly hosts = new Map<string, Outcome>();
  private failed = 0;
  private succeededAt = -Infinity;
  private answer: { says: WitnessAnswer; at: number } | undefined;
  private lostSince: number | null = null;
  private foundAt = -Infinity;

  /** Since when the network is lost; null while it is there. */
  get lostAt(): number | null {
    return this.lostSince;
  }

  /** Takes note of a check that was made. */
  observe(host: string, ok: boolean, at: number): void {
    this.forget(host);
    this.hosts.set(host, { ok, at });
    if (ok) this.succeededAt = at;
    else this.failed++;
    for (const [oldest, outcome] of this.hosts) {
      if (this.hosts.size <= NEWEST && outcome.at > at - WINDOW_MS) break;
      this.forget(oldest);
    }
  }

  /** What to make of a failure that has just been observed, of a check that began at `startedAt`. */
  judgeFailure(startedAt: number, at: number): FailureVerdict {
    if (this.mustHold(startedAt)) return 'hold';
    if (!this.isSuspicious(at) || this.isAnswered(at)) return 'believe';
    return 'ask';
  }

  /** Takes note of what the witnesses said to a question asked at `askedAt`; it may end or begin the loss of the network. */
  hear(says: WitnessAnswer, askedAt: number, at: number): void {
    this.answer = { says, at };
    if (says === 'silent') {
      this.lostSince ??= askedAt;
      return;
    }
    if (says === 'reached' && this.lostSince !== null) this.foundAt = at;
    this.lostSince = null;
  }

  /** A check that began while the network was lost says nothing, even if it ends when the network is back. */
  mustHold(startedAt: number): boolean {
    return this.lostSince !== null || startedAt < this.foundAt;
  }

  private isSuspicious(at: number): boolean {
    if (this.failed < LEAST_FAILED) return false;
    return this.failed >= this.hosts.size * SHARE || at - this.succeededAt >= NO_SUCCESS_MS;
  }

  /** An answer is worth less when nothing has succeeded since: the network may have gone right after it. */
  private isAnswered(at: number): boolean {
    if (!this.answer) return false;
    const patience = this.succeededAt > this.answer.at ? ANSWER_MS : LONELY_ANSWER_MS;
    return at - this.answer.at < patience;
  }

  private forget(host: string): void {
    if (this.hosts.get(host)?.ok === false) this.failed--;
    this.hosts.delete(host);
  }
}
