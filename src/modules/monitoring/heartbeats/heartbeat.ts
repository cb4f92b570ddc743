import type { HeartbeatKind } from '../../../database/entities/endpoint-heartbeat.entity.js';
import { graceOf, type HeartbeatSchedule, maxRunTimeOf, nextExpected } from './heartbeat-schedule.js';

/** What an endpoint reports. */
export interface Signal {
  /** `start` of a run, or its end: `success` or `fail`. */
  kind: HeartbeatKind;
  exit_code: number | null;
  /** What it says, for a person. */
  message: string | null;
  /** How long the run took, in milliseconds, when the reporter has measured it. */
  duration_ms: number | null;
}

/** What is known of an endpoint’s heartbeats. Times in milliseconds since the epoch, durations in milliseconds. */
export interface Heartbeat {
  last_ping_at: number | null;
  last_kind: HeartbeatKind | null;
  run_started_at: number | null;
  last_duration_ms: number | null;
  last_exit_code: number | null;
  last_message: string | null;
  expected_at: number | null;
  /** When something is wrong unless it has been heard of before; null while nothing is expected. */
  deadline: number | null;
}

export const NEVER_HEARD: Heartbeat = {
  last_ping_at: null,
  last_kind: null,
  run_started_at: null,
  last_duration_ms: null,
  last_exit_code: null,
  last_message: null,
  expected_at: null,
  deadline: null,
};

/** A deadline that has passed, and how things go on. */
export interface Miss {
  /** For a person. */
  reason: string;
  heartbeat: Heartbeat;
}

/**
 * Applies a report. Each end of a run, and each heartbeat without one, begins the wait for the next. While a run is
 * under way that has a time limit, its end is what is waited for; a run that begins again before it has ended keeps the
 * limit of the first, so that one that never gets to its end is noticed.
 */
export function applySignal(
  before: Heartbeat,
  signal: Signal,
  schedule: HeartbeatSchedule,
  at: number,
): Heartbeat {
  const heard = { ...before, last_ping_at: at, last_kind: signal.kind, last_message: signal.message };
  if (signal.kind === 'start') return startRun(heard, schedule, at);
  const measured = before.run_started_at === null ? null : Math.max(0, at - before.run_started_at);
  return wait(
    { ...heard, last_duration_ms: measured ?? signal.duration_ms, last_exit_code: signal.exit_code },
    schedule,
    nextExpected(schedule, at),
  );
}

/**
 * The schedule after a deadline has passed. A heartbeat that is missing is missed once: the next one is expected after
 * it, or after now when that is past as well.
 */
export function applyMiss(before: Heartbeat, schedule: HeartbeatSchedule, now: number): Miss {
  const limit = maxRunTimeOf(schedule);
  if (before.run_started_at !== null && limit !== null) {
    const reason = `Started at ${iso(before.run_started_at)}, not finished within ${schedule.options.max_run_time}`;
    return { reason, heartbeat: wait(before, schedule, nextExpected(schedule, now)) };
  }
  const following = nextExpected(schedule, before.expected_at ?? now);
  const isPast = following + graceOf(schedule) <= now;
  const since = before.last_ping_at === null ? '' : ` since ${iso(before.last_ping_at)}`;
  const expected = before.expected_at === null ? '' : `; one was expected at ${iso(before.expected_at)}`;
  return {
    reason: `No heartbeat${since}${expected}`,
    heartbeat: wait(before, schedule, isPast ? nextExpected(schedule, now) : following),
  };
}

/** The same heartbeats under another schedule, which counts from now on. What was waited for is still waited for. */
export function rearm(before: Heartbeat, schedule: HeartbeatSchedule, now: number): Heartbeat {
  if (before.expected_at === null) return before;
  const limit = maxRunTimeOf(schedule);
  const waiting = wait(before, schedule, nextExpected(schedule, now));
  if (before.run_started_at === null || limit === null) {
    return { ...waiting, run_started_at: before.run_started_at };
  }
  return {
    ...waiting,
    run_started_at: before.run_started_at,
    deadline: Math.max(now, before.run_started_at + limit),
  };
}

function startRun(heard: Heartbeat, schedule: HeartbeatSchedule, at: number): Heartbeat {
  const limit = maxRunTimeOf(schedule);
  const waiting = heard.expected_at === null ? wait(heard, schedule, nextExpected(schedule, at)) : heard;
  const begunBefore = heard.run_started_at !== null;
  return {
    ...waiting,
    run_started_at: at,
    deadline: limit === null || begunBefore ? waiting.deadline : at + limit,
  };
}

function wait(heartbeat: Heartbeat, schedule: HeartbeatSchedule, expected_at: number): Heartbeat {
  return { ...heartbeat, run_started_at: null, expected_at, deadline: expected_at + graceOf(schedule) };
}

function iso(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}
