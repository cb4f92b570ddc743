/** When a monitor is expected to report. */
export type CheckInSchedule =
  | { type: 'crontab'; expression: string; time_zone: string }
  | { type: 'interval'; value: number; unit: 'minute' | 'hour' | 'day' | 'week' | 'month' | 'year' };

/** How a program wants to be watched. What is null gets the default. */
export interface MonitorSettings {
  schedule: CheckInSchedule;
  /** How much later than expected a run may be. */
  grace_minutes: number | null;
  /** Longest time that a run may take. */
  max_run_minutes: number | null;
  /** Failed or missing runs in a row that make an outage, and good ones that end it. */
  failure_threshold: number | null;
  recovery_threshold: number | null;
}

/** What a scheduled job reports about itself, by a name instead of an address of its own. */
export interface CheckIn {
  /** The project that it belongs to. */
  source: string;
  /** Name of the monitor, unique in its project. */
  monitor: string;
  /** Which run it is about, when it says: the start of a run that has ended already, but was overtaken, is let pass. */
  run_id: string | null;
  status: 'in_progress' | 'ok' | 'error';
  /** How long the run took, when the reporter has measured it. */
  duration_ms: number | null;
  /** How it wants to be watched; null when it does not say. */
  settings: MonitorSettings | null;
}

/** Where check-ins of other protocols go. Monitoring takes them; who speaks the protocol need not know how. */
export abstract class CheckIns {
  /**
   * Resolves once it is durable.
   * @throws CodedException `VALIDATION_FAILED` (settings that make no sense), `NOT_FOUND` (a monitor that nobody knows and
   *   that does not say how to watch it), `RATE_LIMIT_EXCEEDED`
   */
  abstract take(checkIn: CheckIn): Promise<void>;
}
