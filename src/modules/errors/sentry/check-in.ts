import type { CheckIn, CheckInSchedule, MonitorSettings } from '../../../common/check-ins.js';
import { malformed } from './envelope.js';
import { type Given, nameOf, objectOf, positiveInteger } from './given.js';

const MAX_SLUG = 100;
const MAX_ENVIRONMENT = 64;
const STATUSES = ['in_progress', 'ok', 'error'] as const;
const UNITS = ['minute', 'hour', 'day', 'week', 'month', 'year'] as const;
/** What Sentry takes where a monitor does not say. */
const DEFAULT_ENVIRONMENT = 'production';

/** Stands for the run that has begun last, which is the one that an endpoint has under way. */
const LATEST = '0'.repeat(32);

/**
 * A `check_in` item.
 * @throws CodedException `VALIDATION_FAILED`
 */
export function checkInOf(given: Given, source: string): CheckIn {
  const slug = nameOf(given['monitor_slug'], MAX_SLUG);
  if (slug === null) throw malformed('The check-in has no monitor_slug.');
  const status = STATUSES.find((each) => each === given['status']);
  if (!status) throw malformed(`The status of the check-in must be one of ${STATUSES.join(', ')}.`);
  const environment = nameOf(given['environment'], MAX_ENVIRONMENT) ?? DEFAULT_ENVIRONMENT;
  const { duration } = given;
  return {
    source,
    // What runs elsewhere must not hide what has not run in production.
    monitor: environment === DEFAULT_ENVIRONMENT ? slug : `${slug} (${environment})`,
    run_id: runOf(given['check_in_id']),
    status,
    duration_ms: typeof duration === 'number' && duration >= 0 ? Math.min(duration * 1_000, 2 ** 31) : null,
    settings: settingsOf(objectOf(given['monitor_config'])),
  };
}

function runOf(given: unknown): string | null {
  const id = nameOf(given, 36)?.replaceAll('-', '').toLowerCase() ?? LATEST;
  return id === LATEST ? null : id;
}

function settingsOf(config: Given | undefined): MonitorSettings | null {
  if (!config) return null;
  return {
    schedule: scheduleOf(objectOf(config['schedule'])),
    grace_minutes: positiveInteger(config['checkin_margin']),
    max_run_minutes: positiveInteger(config['max_runtime']),
    failure_threshold: positiveInteger(config['failure_issue_threshold']),
    recovery_threshold: positiveInteger(config['recovery_threshold']),
  };

  function scheduleOf(given: Given | undefined): CheckInSchedule {
    if (given?.['type'] === 'crontab') {
      const expression = nameOf(given['value'], 200);
      const time_zone = nameOf(config!['timezone'], 100) ?? 'UTC';
      if (expression !== null) return { type: 'crontab', expression, time_zone };
    }
    const unit = UNITS.find((each) => each === given?.['unit']);
    const value = positiveInteger(given?.['value']);
    if (given?.['type'] === 'interval' && unit && value) return { type: 'interval', value, unit };
    throw malformed('The schedule of the monitor must be a crontab, or an interval with value and unit.');
  }
}
