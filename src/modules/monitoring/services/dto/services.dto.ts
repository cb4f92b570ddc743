import { ApiProperty } from '@nestjs/swagger';
import { ENDPOINT_STATES, type EndpointState } from '../../../../database/entities/endpoint-status.entity.js';
import type { ServiceHealth } from '../../../../realtime/events.js';

export const SERVICE_HEALTHS = ['healthy', 'unhealthy', 'unknown'] as const;
export const OVERALL_HEALTHS = ['healthy', 'degraded', 'unhealthy'] as const;
export type OverallHealth = (typeof OVERALL_HEALTHS)[number];

/** Something that is watched, or that Watchkeep itself cannot do without. */
export class ServiceDto {
  /**
   * Name of the service.
   * @example "Database"
   */
  name!: string;

  /** Its health. An endpoint that is degraded counts as healthy, one that was not measured as unknown. */
  @ApiProperty({ enum: SERVICE_HEALTHS })
  status!: ServiceHealth;

  /** Share of the last 24 hours that it was up, of the time that was measured; null when none was. */
  uptime_percent!: number | null;

  /** Milliseconds that its last answer took; null when none came. */
  response_time_ms!: number | null;

  /** When it was last looked at. */
  last_checked!: Date | null;

  /** More about it, different for each kind of service. */
  @ApiProperty({ type: 'object', additionalProperties: true })
  details!: Record<string, unknown>;
}

/** The health of all services. */
export class ServicesDto {
  /** What Watchkeep needs itself, then the integrations, then the endpoints; each by name. */
  services!: ServiceDto[];

  /** `unhealthy` when what Watchkeep needs, or every endpoint that was measured, is; `degraded` when anything is wrong. */
  @ApiProperty({ enum: OVERALL_HEALTHS })
  overall_health!: OverallHealth;
}

/** Uptime of all endpoints together. */
export class UptimeDto {
  /** Hours since the last outage of any endpoint ended, or since the first was watched; 0 during one. */
  current_uptime_hours!: number;

  /** Share of the measured time of the last 24 hours; null when none was measured. */
  uptime_percent_24h!: number | null;

  /** Share of the measured time since the midnight (UTC) before 7 days ago; null when none was measured. */
  uptime_percent_7d!: number | null;

  /** Share of the measured time since the midnight (UTC) before 30 days ago; null when none was measured. */
  uptime_percent_30d!: number | null;

  /** Outages that began in the last 30 days. */
  incidents_count!: number;

  /** When the last outage began; null when there was none. */
  last_downtime!: Date | null;
}

/** How many endpoints are in each state. */
export class StateCountsDto {
  /** Working. */
  operational!: number;

  /** Working, but slowly. */
  degraded!: number;

  /** Down in part. */
  partial_outage!: number;

  /** Down. */
  major_outage!: number;

  /** In planned maintenance. */
  maintenance!: number;

  /** Not measured. */
  unknown!: number;
}

/** The state of everything that the public may see. */
export class OverviewDto {
  /** State of the whole: an outage is major when everything that was measured is down, else partial. */
  @ApiProperty({ enum: ENDPOINT_STATES })
  status!: EndpointState;

  /** Endpoints that are public and enabled. */
  total!: number;

  /** How many of them are in each state. */
  counts!: StateCountsDto;

  /** Share of the last 24 hours that they were up, of the time that was measured; null when none was. */
  uptime_percent_24h!: number | null;

  /** The same since the midnight (UTC) before 7 days ago; null when none was measured. */
  uptime_percent_7d!: number | null;

  /** The same since the midnight (UTC) before 30 days ago; null when none was measured. */
  uptime_percent_30d!: number | null;

  /** The same since the midnight (UTC) before 90 days ago; null when none was measured. */
  uptime_percent_90d!: number | null;

  /** Mean of their last response times, in milliseconds; null when none answered. */
  average_response_ms!: number | null;

  /** When one of them was last checked. */
  last_checked!: Date | null;

  /** When this was found out. */
  timestamp!: Date;
}
