import type { FieldProblem } from '../../common/coded-exception.js';
import { defined } from '../../common/defined.js';
import { formatDuration, parseDuration } from '../../common/duration.js';
import { validationFailed } from '../../common/http/validation.js';
import type { MaintenanceWindow } from '../../database/entities/maintenance-window.entity.js';
import type { MaintenanceChangesDto, MaintenanceSettingsDto } from './dto/maintenance-settings.dto.js';
import { overAt, parseCron, type WindowTimes } from './occurrences.js';

type ManagedColumns =
  'id' | 'ended_at' | 'over_at' | 'managed_by' | 'created_at' | 'updated_at' | 'duration_ms';

/** What a person configures of a window. */
export type MaintenanceSettings = Omit<MaintenanceWindow, ManagedColumns> & { duration: string | null };

const MIN_DURATION_MS = 60_000;
const MAX_DURATION_MS = 14 * 86_400_000;

const NEEDED = 'is needed for a window without cron';

/** What a window has unless somebody says otherwise. */
export const DEFAULTS: Omit<MaintenanceSettings, 'title'> = {
  description: null,
  all_endpoints: false,
  endpoint_ids: [],
  groups: [],
  tags: [],
  starts_at: null,
  ends_at: null,
  cron: null,
  duration: null,
  time_zone: 'UTC',
  enabled: true,
};

/** Complete settings; what is left out gets its default. */
export function completeSettings(given: MaintenanceSettingsDto): MaintenanceSettings {
  return { ...DEFAULTS, ...defined(given), title: given.title.trim() };
}

/** Settings with some of them changed. */
export function changedSettings(
  current: MaintenanceWindow,
  changes: MaintenanceChangesDto,
): MaintenanceSettings {
  const { duration_ms, ...stored } = current;
  const duration = duration_ms === null ? null : formatDuration(duration_ms);
  const changed = { ...stored, duration, ...defined(changes) };
  return { ...changed, title: changed.title.trim() };
}

/**
 * When a window with these settings holds. `ended_at` is when somebody last ended what was in effect.
 * @throws CodedException `VALIDATION_FAILED` that names every field that does not fit
 */
export function timesOf(settings: MaintenanceSettings, ended_at: Date | null): WindowTimes {
  const { starts_at, ends_at, cron, time_zone } = settings;
  const duration_ms = settings.duration === null ? null : (parseDuration(settings.duration) ?? NaN);
  const times = { starts_at, ends_at, cron, duration_ms, time_zone, ended_at };
  const problems = [...scopeProblems(settings), ...boundProblems(times), ...recurrenceProblems(times)];
  if (problems.length === 0) problems.push(...emptinessProblems(times));
  if (problems.length > 0) throw validationFailed(problems);
  return times;
}

function scopeProblems({ all_endpoints, endpoint_ids, groups, tags }: MaintenanceSettings): FieldProblem[] {
  if (all_endpoints || endpoint_ids.length + groups.length + tags.length > 0) return [];
  const message = 'must name something that is covered, or groups, tags or all_endpoints must';
  return [{ field: 'endpoint_ids', message }];
}

function boundProblems({ starts_at, ends_at, cron }: WindowTimes): FieldProblem[] {
  return [
    ...(cron === null && !starts_at ? [{ field: 'starts_at', message: NEEDED }] : []),
    ...(cron === null && !ends_at ? [{ field: 'ends_at', message: NEEDED }] : []),
    ...(starts_at && ends_at && ends_at <= starts_at
      ? [{ field: 'ends_at', message: 'must be later than starts_at' }]
      : []),
  ];
}

function recurrenceProblems({ cron, duration_ms, time_zone }: WindowTimes): FieldProblem[] {
  const problems: FieldProblem[] = [];
  const zoneIsKnown = isTimeZone(time_zone);
  if (!zoneIsKnown)
    problems.push({ field: 'time_zone', message: 'must be the name of a time zone, such as Europe/Berlin' });
  if (cron === null) {
    if (duration_ms !== null) problems.push({ field: 'duration', message: 'belongs to a window with cron' });
    return problems;
  }
  const syntax = cronProblem(cron, zoneIsKnown ? time_zone : 'UTC');
  if (syntax) problems.push({ field: 'cron', message: syntax });
  if (!isInRange(duration_ms))
    problems.push({ field: 'duration', message: 'must be a duration from 1m to 14d, such as 30m or 2h' });
  return problems;
}

function emptinessProblems(times: WindowTimes): FieldProblem[] {
  if (overAt(times) !== undefined) return [];
  const bounded = times.starts_at ?? times.ends_at;
  return [{ field: 'cron', message: `never comes${bounded ? ' between starts_at and ends_at' : ''}` }];
}

function isInRange(duration: number | null): boolean {
  return duration !== null && duration >= MIN_DURATION_MS && duration <= MAX_DURATION_MS;
}

function cronProblem(expression: string, timeZone: string): string | undefined {
  try {
    parseCron(expression, timeZone);
    return undefined;
  } catch {
    return 'must be five fields: minute, hour, day of month, month, day of week, such as 30 2 * * SUN';
  }
}

/** A name, not an offset: those know nothing of daylight saving. */
function isTimeZone(name: string): boolean {
  if (!/^[A-Za-z]/.test(name)) return false;
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}
