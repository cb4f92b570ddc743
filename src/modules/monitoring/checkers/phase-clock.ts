import { performance } from 'node:perf_hooks';

/** Milliseconds spent in each phase, over all redirects; null for a phase that did not happen. */
export interface Phases {
  dns: number | null;
  connect: number | null;
  tls: number | null;
  first_byte: number | null;
  download: number | null;
}

/** Of a check in which nothing was looked up, connected to or read. */
export const NO_PHASES: Phases = { dns: null, connect: null, tls: null, first_byte: null, download: null };

/** What a check is doing, in the words of its timeout message. */
export type Stage =
  | 'resolving the name'
  | 'connecting'
  | 'waiting for the proxy'
  | 'TLS handshake'
  | 'waiting for the answer'
  | 'reading the answer';

/** Measures the phases of one check. Redirects add to them. */
export class PhaseClock {
  readonly phases = { ...NO_PHASES };
  stage: Stage = 'connecting';
  private readonly started = performance.now();
  private last = this.started;
  private finished: number | undefined;

  /** Until now, or until the answer was complete. */
  get elapsed(): number {
    return rounded((this.finished ?? performance.now()) - this.started);
  }

  /** Begins a hop: time between hops belongs to no phase. */
  begin(stage: Stage): void {
    this.last = performance.now();
    this.stage = stage;
  }

  /** The answer is complete: what is still to do, such as a farewell, is not its response time. */
  finish(at = performance.now()): void {
    this.finished ??= at;
  }

  /** Ends a phase. */
  mark(phase: keyof Phases, next: Stage, now = performance.now()): void {
    this.phases[phase] = rounded((this.phases[phase] ?? 0) + now - this.last);
    this.last = now;
    this.stage = next;
  }
}

/** To a microsecond: more digits would be noise. */
function rounded(milliseconds: number): number {
  return Math.round(milliseconds * 1_000) / 1_000;
}
