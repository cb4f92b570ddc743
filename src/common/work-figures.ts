import { Injectable } from '@nestjs/common';
import { RecentCount, RecentDurations } from './recent.js';

const MINUTE_MS = 60_000;

/** What a worker has done lately. Durations in milliseconds. */
export interface WorkReport {
  checks_last_minute: number;
  lateness_p50_ms: number | null;
  lateness_p99_ms: number | null;
  missed_slots_last_hour: number;
  network_lost_since: Date | null;
}

/** What this process has done lately: those who do it count here, the registry of processes tells it on. */
@Injectable()
export class WorkFigures {
  private readonly checks = new RecentCount(MINUTE_MS / 6, 6);
  private readonly lateness = new RecentDurations(MINUTE_MS / 6, 6);
  private readonly missed = new RecentCount(MINUTE_MS, 60);
  private readonly listeners: (() => void)[] = [];
  private lostSince: Date | null = null;
  /** Missed slots that nobody has written down yet. */
  missedUntold = 0;

  checkMade(latenessMs: number, at: number): void {
    this.checks.add(1, at);
    this.lateness.add(latenessMs, at);
  }

  slotsMissed(count: number, at: number): void {
    this.missed.add(count, at);
    this.missedUntold += count;
  }

  /** When this process lost its network; null while it has one. */
  get networkLostSince(): Date | null {
    return this.lostSince;
  }

  set networkLostSince(since: Date | null) {
    this.lostSince = since;
    for (const listener of this.listeners) listener();
  }

  /** Called whenever the network is lost or found. */
  onNetworkChange(listener: () => void): void {
    this.listeners.push(listener);
  }

  report(now: Date): WorkReport {
    const at = now.getTime();
    return {
      checks_last_minute: this.checks.sum(at),
      lateness_p50_ms: this.lateness.percentile(0.5, at),
      lateness_p99_ms: this.lateness.percentile(0.99, at),
      missed_slots_last_hour: this.missed.sum(at),
      network_lost_since: this.lostSince,
    };
  }
}
