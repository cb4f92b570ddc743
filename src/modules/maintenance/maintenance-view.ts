import { formatDuration } from '../../common/duration.js';
import type { MaintenanceWindow } from '../../database/entities/maintenance-window.entity.js';
import type { MaintenanceDto, MaintenanceStatus, OccurrenceDto } from './dto/maintenance.dto.js';
import { type Period, periodAfter, upcomingPeriods } from './occurrences.js';

const NEXT_OCCURRENCES = 5;

/** What a window is doing at a time, and the period that says so. */
export interface WindowState {
  status: MaintenanceStatus;
  /** The period that it is in, or else the next; undefined when it is over. */
  period: Period | undefined;
}

export function stateAt(window: MaintenanceWindow, time: number): WindowState {
  const period = periodAfter(window, time);
  if (!period) return { status: 'past', period };
  if (!window.enabled) return { status: 'disabled', period };
  return { status: period.from <= time ? 'active' : 'upcoming', period };
}

/** A window as the API shows it. */
export function maintenanceView(window: MaintenanceWindow, endpoints: number, time: number): MaintenanceDto {
  const { status, period } = stateAt(window, time);
  const coming = window.enabled ? upcomingPeriods(window, time, NEXT_OCCURRENCES) : [];
  return {
    id: window.id,
    title: window.title,
    description: window.description,
    all_endpoints: window.all_endpoints,
    endpoint_ids: window.endpoint_ids,
    groups: window.groups,
    tags: window.tags,
    starts_at: window.starts_at,
    ends_at: window.ends_at,
    cron: window.cron,
    duration: window.duration_ms === null ? null : formatDuration(window.duration_ms),
    time_zone: window.time_zone,
    ended_at: window.ended_at,
    enabled: window.enabled,
    status,
    current: status === 'active' && period ? occurrence(sinceMade(window, period)) : null,
    next_occurrences: coming.map(occurrence),
    endpoints,
    managed_by: window.managed_by,
    created_at: window.created_at,
    updated_at: window.updated_at,
  };
}

/** Nothing that recurs was in effect before somebody made it; what holds once says itself when it began. */
function sinceMade({ cron, created_at }: MaintenanceWindow, period: Period): Period {
  return cron === null ? period : { ...period, from: Math.max(period.from, created_at.getTime()) };
}

function occurrence({ from, to, open }: Period): OccurrenceDto {
  return { starts_at: new Date(from), ends_at: open ? null : new Date(to) };
}
