import { percent } from '../../../common/percent.js';

const MINUTE_MS = 60_000;
const MINUTES = 24 * 60;

interface Minute {
  started: number;
  up: number;
  total: number;
}

/** Outcomes of probes over the last 24 hours, summed up by the minute: at most 1440 small records. */
export class ProbeHistory {
  private readonly minutes: Minute[] = [];

  add(at: Date, healthy: boolean): void {
    const started = Math.floor(at.getTime() / MINUTE_MS) * MINUTE_MS;
    let minute = this.minutes.at(-1);
    if (minute?.started !== started) this.minutes.push((minute = { started, up: 0, total: 0 }));
    minute.total++;
    if (healthy) minute.up++;
    if (this.minutes.length > MINUTES) this.minutes.shift();
  }

  /** Share of probes that succeeded, to three decimals; null when there was none. */
  percent(now: Date): number | null {
    const from = now.getTime() - MINUTES * MINUTE_MS;
    const recent = this.minutes.filter((minute) => minute.started >= from);
    const total = recent.reduce((sum, minute) => sum + minute.total, 0);
    const up = recent.reduce((sum, minute) => sum + minute.up, 0);
    return percent(up, total);
  }
}
