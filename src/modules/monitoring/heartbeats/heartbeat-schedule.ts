import { Cron } from 'croner';
import { parseDuration } from '../../../common/duration.js';
import type { PushOptions } from './push-options.js';

/** When the heartbeats of an endpoint are expected. Durations in milliseconds. */
export interface HeartbeatSchedule {
  interval_ms: number;
  options: PushOptions;
}

/**
 * The first expected heartbeat after a time, in milliseconds since the epoch. In a time zone with daylight saving, a
 * time of day that is skipped comes at the moment of the change, and one that comes twice counts once.
 */
export function nextExpected(
  { interval_ms, options: { schedule } }: HeartbeatSchedule,
  after: number,
): number {
  switch (schedule.type) {
    case 'interval':
      return after + interval_ms;
    case 'cron':
      // Only expressions that come again are accepted; they have no year.
      return new Cron(schedule.expression, { timezone: schedule.time_zone })
        .nextRun(new Date(after))!
        .getTime();
  }
}

export function graceOf({ options }: HeartbeatSchedule): number {
  return parseDuration(options.grace)!;
}

/** Null for no limit. */
export function maxRunTimeOf({ options }: HeartbeatSchedule): number | null {
  return options.max_run_time === null ? null : parseDuration(options.max_run_time)!;
}
