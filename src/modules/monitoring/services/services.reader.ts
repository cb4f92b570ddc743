import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { AnswerCache } from '../../../common/cache/answer-cache.js';
import { KEEP } from '../../../common/cache/cached.js';
import { Clock } from '../../../common/clock.js';
import type { EndpointState } from '../../../database/entities/endpoint-status.entity.js';
import { IntegrationsReader } from '../../integrations/integrations.reader.js';
import type { OverallHealth, ServiceDto, ServicesDto, UptimeDto } from './dto/services.dto.js';
import { healthOf } from '../states/endpoint-state.js';
import { DependencyServices } from './dependency-services.js';
import { FleetUptimeReader } from '../statistics/fleet-uptime.reader.js';
import { DAY_MS, intervalsSince, uptimePercent, uptimeSums } from '../statistics/uptime.js';

const HOUR_MS = 3_600_000;
/** How many days outages are counted over. */
const MONTH_DAYS = 30;

interface ServiceRow {
  id: string;
  name: string;
  url: string;
  status: EndpointState;
  enabled: boolean;
  last_checked_at: Date | null;
  last_response_ms: number | null;
  last_error: string | null;
  up_ms: number | null;
  known_ms: number | null;
}

interface OutagesRow {
  outages: number;
  down_now: boolean;
  /** Start of the last outage that touches the 30 days. */
  last_outage: Date | null;
  /** The outage that ended last, however long ago. */
  last_ended: { started_at: string; ended_at: string } | null;
  watched_since: Date | null;
}

const day = uptimeSums('$2::timestamptz', '$1::timestamptz');

/** One aggregate over the intervals of the day, joined to all endpoints. */
export const SERVICES = `
  SELECT e.id, e.name, e.url, e.enabled, s.status, s.last_checked_at, s.last_response_ms, s.last_error, u.up_ms, u.known_ms
  FROM endpoints e
  JOIN endpoint_status s ON s.endpoint_id = e.id
  LEFT JOIN (
    SELECT i.endpoint_id, ${day.up} AS up_ms, ${day.known} AS known_ms
    FROM ${intervalsSince('$2::timestamptz')} i GROUP BY i.endpoint_id
  ) u ON u.endpoint_id = e.id
  ORDER BY e.name`;

const OUTAGE = `i.state IN ('major_outage', 'partial_outage')`;

/** The newest entry of an index that holds outages only. */
export const LAST_OUTAGE = `
  SELECT jsonb_build_object('started_at', i.started_at, 'ended_at', i.ended_at) FROM endpoint_state_intervals i
  WHERE ${OUTAGE} AND i.ended_at IS NOT NULL ORDER BY i.ended_at DESC LIMIT 1`;

/** The outages since $1: those that last, and an index that holds outages only. */
export const OUTAGES = `
  SELECT (count(*) FILTER (WHERE i.started_at >= $1))::int AS outages,
    coalesce(bool_or(i.ended_at IS NULL), false) AS down_now,
    max(i.started_at) AS last_outage,
    (${LAST_OUTAGE}) AS last_ended,
    (SELECT min(created_at) FROM endpoints) AS watched_since
  FROM (
    SELECT started_at, ended_at FROM endpoint_state_intervals i WHERE ended_at IS NULL AND ${OUTAGE}
    UNION ALL
    SELECT started_at, ended_at FROM endpoint_state_intervals i WHERE ended_at > $1 AND ${OUTAGE}
  ) i`;

/** The health of everything, in the words of the reference. */
@Injectable()
export class ServicesReader {
  constructor(
    private readonly dataSource: DataSource,
    private readonly dependencies: DependencyServices,
    private readonly integrations: IntegrationsReader,
    private readonly uptimes: FleetUptimeReader,
    private readonly answers: AnswerCache,
    private readonly clock: Clock,
  ) {}

  async services(): Promise<ServicesDto> {
    const [own, { integrations, rows }] = await Promise.all([
      this.dependencies.read(),
      this.answers.answer('services', { topic: 'services', milliseconds: KEEP.serviceHealth }, () =>
        this.watched(),
      ),
    ]);
    return {
      services: [...own, ...integrations, ...rows.map(serviceView)],
      overall_health: overallHealth(
        own,
        rows.map((row) => row.status),
        integrations,
      ),
    };
  }

  /** What others watch: it changes with a state. What this process needs itself is asked each time. */
  private async watched(): Promise<{ integrations: ServiceDto[]; rows: ServiceRow[] }> {
    const now = this.clock.now();
    const [integrations, rows] = await Promise.all([
      this.integrations.services(),
      this.dataSource.query<ServiceRow[]>(SERVICES, [now, new Date(now.getTime() - DAY_MS)]),
    ]);
    return { integrations, rows };
  }

  async uptime(): Promise<UptimeDto> {
    const now = this.clock.now();
    const [{ uptime_percent_24h, uptime_percent_7d, uptime_percent_30d }, [row]] = await Promise.all([
      this.uptimes.read('all', now),
      this.dataSource.query<[OutagesRow]>(OUTAGES, [new Date(now.getTime() - MONTH_DAYS * DAY_MS)]),
    ]);
    const since = row.last_ended ? new Date(row.last_ended.ended_at) : row.watched_since;
    const isUp = !row.down_now && uptime_percent_30d !== null;
    const hours = isUp && since ? (now.getTime() - since.getTime()) / HOUR_MS : 0;
    return {
      current_uptime_hours: Math.round(hours * 10) / 10,
      uptime_percent_24h,
      uptime_percent_7d,
      uptime_percent_30d,
      incidents_count: row.outages,
      last_downtime: row.last_outage ?? (row.last_ended ? new Date(row.last_ended.started_at) : null),
    };
  }
}

function serviceView(row: ServiceRow): ServiceDto {
  return {
    name: row.name,
    status: healthOf(row.status),
    uptime_percent: uptimePercent(row.up_ms ?? 0, row.known_ms ?? 0),
    response_time_ms: row.last_response_ms,
    last_checked: row.last_checked_at,
    details: {
      endpoint_id: row.id,
      url: row.url,
      state: row.status,
      enabled: row.enabled,
      ...(row.last_error !== null && { error: row.last_error }),
    },
  };
}

/** What Watchkeep needs itself decides first; then the endpoints that were measured. An integration degrades at most. */
export function overallHealth(
  own: readonly ServiceDto[],
  states: readonly EndpointState[],
  integrations: readonly ServiceDto[] = [],
): OverallHealth {
  if (own.some((service) => service.status === 'unhealthy')) return 'unhealthy';
  const measured = states.filter((state) => healthOf(state) !== 'unknown');
  const down = measured.filter((state) => healthOf(state) === 'unhealthy');
  if (down.length > 0 && down.length === measured.length) return 'unhealthy';
  const broken = integrations.some((service) => service.status === 'unhealthy');
  return broken || down.length > 0 || measured.includes('degraded') ? 'degraded' : 'healthy';
}
