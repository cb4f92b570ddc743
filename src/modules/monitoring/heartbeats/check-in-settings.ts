import { invalidField } from '../../../common/coded-exception.js';
import type { CheckInSchedule, MonitorSettings } from '../../../common/check-ins.js';
import type { EndpointChangesDto } from '../endpoints/dto/endpoint-settings.dto.js';

const MINUTE_S = 60;
const DAY_S = 86_400;
const SECONDS: Record<Extract<CheckInSchedule, { unit: string }>['unit'], number> = {
  minute: MINUTE_S,
  hour: 3_600,
  day: DAY_S,
  week: 7 * DAY_S,
  month: 31 * DAY_S,
  year: 366 * DAY_S,
};
/** An endpoint’s interval is at most a day, its grace and its run time at most thirty. */
const LONGEST_GRACE_S = 30 * DAY_S;
/** What Sentry takes where a monitor does not say. Source: docs.sentry.io, “Cron Monitoring”. */
const DEFAULT_GRACE_MIN = 1;
const DEFAULT_RUN_MIN = 30;
const MOST_RUNS = 100;

/**
 * How a monitor wants to be watched, as settings of a push endpoint. An interval of some days becomes one of a day with
 * the rest as grace: the deadline is the same.
 * @throws CodedException `VALIDATION_FAILED` for an interval of more than a month
 */
export function endpointSettingsOf(settings: MonitorSettings): EndpointChangesDto {
  const { schedule, grace_minutes, max_run_minutes } = settings;
  const grace = (grace_minutes ?? DEFAULT_GRACE_MIN) * MINUTE_S;
  const run = Math.min(Math.max(max_run_minutes ?? DEFAULT_RUN_MIN, 1) * MINUTE_S, LONGEST_GRACE_S);
  const timing = timingOf(schedule, grace);
  return {
    ...(timing.interval !== undefined && { interval: timing.interval }),
    options: { ...timing.options, max_run_time: `${run}s` },
    failure_threshold: runs(settings.failure_threshold),
    recovery_threshold: runs(settings.recovery_threshold),
  };
}

function timingOf(
  schedule: CheckInSchedule,
  grace: number,
): { interval?: string; options: Record<string, unknown> } {
  if (schedule.type === 'crontab') {
    const { expression, time_zone } = schedule;
    const cron = { type: 'cron', expression, time_zone };
    return { options: { schedule: cron, grace: `${Math.min(grace, LONGEST_GRACE_S)}s` } };
  }
  const every = schedule.value * SECONDS[schedule.unit];
  const interval = Math.min(every, DAY_S);
  const rest = every - interval;
  if (rest > LONGEST_GRACE_S) {
    throw invalidField('schedule', 'must come again within a month; use a crontab for what comes less often');
  }
  const options = { schedule: { type: 'interval' }, grace: `${Math.min(rest + grace, LONGEST_GRACE_S)}s` };
  return { interval: `${interval}s`, options };
}

function runs(wanted: number | null): number {
  return Math.min(Math.max(wanted ?? 1, 1), MOST_RUNS);
}
