import { ApiProperty } from '@nestjs/swagger';
import { PageInfo } from '../../../../common/http/paging.dto.js';
import {
  HEARTBEAT_KINDS,
  type HeartbeatKind,
} from '../../../../database/entities/endpoint-heartbeat.entity.js';
import { type EndpointKind, type Quorum, QUORUMS } from '../../../../database/entities/endpoint.entity.js';
import { ENDPOINT_STATES, type EndpointState } from '../../../../database/entities/endpoint-status.entity.js';
import { KNOWN_KINDS } from '../endpoint-kinds.js';
import { EndpointAuthDto } from './endpoint-settings.dto.js';
import { ASSERTION_SCHEMA, OPTIONS_SCHEMA } from './kind-schemas.js';

/** A certificate that an endpoint has shown. */
export class CertificateDto {
  /** Who it is for. */
  subject!: string;

  /** Who has issued it. */
  issuer!: string;

  /** Host names and addresses that it is for. */
  names!: string[];

  /** When it ends. */
  valid_to!: Date;

  /** Whole days until then; negative when it has ended. */
  days_left!: number;

  /** Whether the worker trusts it for the host that was asked. */
  trusted!: boolean;

  /** Why not, for a person. */
  problem!: string | null;
}

/** What one region knows of an endpoint. */
export class RegionStatusDto {
  /**
   * Name of the region.
   * @example "eu-west"
   */
  region!: string;

  /** State as seen from there; `unknown` while no worker of that region has checked it. */
  @ApiProperty({ enum: ENDPOINT_STATES })
  status!: EndpointState;

  /** When that state began; null while nothing was checked. */
  status_since!: Date | null;

  /** When it was last checked from there. */
  last_checked!: Date | null;

  /** Milliseconds that the last answer took; null when none came. */
  response_time_ms!: number | null;

  /** What was wrong with the last check from there, for a person. */
  last_error!: string | null;
}

/** What a push endpoint has reported by itself. */
export class HeartbeatDto {
  /** When it was heard of last. */
  last_ping_at!: Date | null;

  /** What it reported then. */
  @ApiProperty({ enum: HEARTBEAT_KINDS, nullable: true })
  last_kind!: HeartbeatKind | null;

  /** When the run that is under way began; null when none is. */
  run_started_at!: Date | null;

  /** Milliseconds that the run took that ended last; null when its start was not reported. */
  last_duration_ms!: number | null;

  /** Exit code of the run that ended last, if it was reported. */
  last_exit_code!: number | null;

  /** What it said last, at most 10 KiB. */
  last_message!: string | null;

  /** When the next heartbeat is expected; null until the first, and while it is disabled. */
  expected_at!: Date | null;
}

/** An endpoint, with what is known of it now. */
export class EndpointDto {
  /** Id of the endpoint. */
  id!: string;

  /**
   * Name that people see.
   * @example "API Root"
   */
  name!: string;

  /** Heading that it stands under. */
  group!: string | null;

  /** How it is checked. */
  @ApiProperty({ enum: KNOWN_KINDS })
  kind!: EndpointKind;

  /**
   * Address that is checked; null for kind `push`.
   * @example "https://example.org/"
   */
  @ApiProperty({ type: String, nullable: true })
  url!: string | null;

  /** Where what is watched reports to, for kind `push` and callers that may write; null otherwise. */
  @ApiProperty({ type: String, nullable: true })
  push_url!: string | null;

  /** Request method. */
  method!: string;

  /** Request headers by name; every value reads `[hidden]`. */
  @ApiProperty({ type: 'object', additionalProperties: { type: 'string' } })
  headers!: Record<string, string>;

  /** Request body. */
  body!: string | null;

  /** Credentials that are sent; secrets read `[hidden]`. */
  @ApiProperty({ type: () => EndpointAuthDto, nullable: true })
  auth!: EndpointAuthDto | null;

  /**
   * Time between two checks.
   * @example "1m"
   */
  interval!: string;

  /**
   * Longest time that a check may take.
   * @example "10s"
   */
  timeout!: string;

  /** Status codes of a good answer. */
  expected_status_codes!: string[];

  /** How often a failed check is repeated quickly before it is believed. */
  retries!: number;

  /**
   * Wait before such a repeat.
   * @example "10s"
   */
  retry_interval!: string;

  /** Failed checks in a row that make an outage. */
  failure_threshold!: number;

  /** Good checks in a row that end one. */
  recovery_threshold!: number;

  /** Milliseconds beyond which a good answer counts as degraded. */
  degraded_threshold_ms!: number | null;

  /** Settings that only its kind has; secret ones read `[hidden]`. */
  @ApiProperty(OPTIONS_SCHEMA)
  options!: Record<string, unknown>;

  /** Conditions on the answer. */
  @ApiProperty({ type: 'array', items: ASSERTION_SCHEMA })
  assertions!: unknown[];

  /** Most redirects that are followed. */
  follow_redirects!: number;

  /** Whether the certificate must be valid. */
  verify_tls!: boolean;

  /** Regions that it is checked from; empty: wherever a worker is free. */
  regions!: string[];

  /** How many of them must find it down before it is. */
  @ApiProperty({ enum: QUORUMS })
  quorum!: Quorum;

  /** Ids of endpoints that this one cannot work without. */
  depends_on!: string[];

  /** Words to find it by. */
  tags!: string[];

  /** Whether it may appear where no key is needed. */
  public!: boolean;

  /** Whether it is checked. */
  enabled!: boolean;

  /** Name of the configuration that it comes from; null for one made by hand. */
  managed_by!: string | null;

  /** State now; `unknown` while nothing has been measured. */
  @ApiProperty({ enum: ENDPOINT_STATES })
  status!: EndpointState;

  /** When that state began. */
  status_since!: Date;

  /** Whether it changes between good and bad too often to be believed. */
  flapping!: boolean;

  /** Whether the state is only held: the monitor has lost its network, and nothing is measured. */
  held!: boolean;

  /** Whether a maintenance window covers it now. */
  maintenance!: boolean;

  /** Ids of endpoints that it depends on, directly or not, and that are down; the nearest first. */
  blocked_by!: string[];

  /** What was wrong with the last check, for a person; null when nothing was. */
  last_error!: string | null;

  /** When it was last checked. */
  last_checked!: Date | null;

  /** Milliseconds that the last answer took, to its last byte; null when none came. */
  response_time_ms!: number | null;

  /** Share of the last 24 hours that it was up, of the time that was measured; null when none was. */
  uptime_percent_24h!: number | null;

  /** When the next check is due, or by when a push endpoint must have reported; null while nothing is. */
  next_check_at!: Date | null;

  /** The certificate that it has shown last; null when it has shown none. */
  @ApiProperty({ type: () => CertificateDto, nullable: true })
  certificate!: CertificateDto | null;

  /** What each of its regions knows of it; empty without regions. */
  @ApiProperty({ type: () => [RegionStatusDto] })
  regions_status!: RegionStatusDto[];

  /** What it has reported by itself; null for other kinds, and before the first heartbeat. */
  @ApiProperty({ type: () => HeartbeatDto, nullable: true })
  heartbeat!: HeartbeatDto | null;

  /** When it was created. */
  created_at!: Date;

  /** When its settings were last changed. */
  updated_at!: Date;
}

/** How many endpoints are in which state. */
export class EndpointStateCountsDto {
  /** Endpoints that work. */
  operational!: number;

  /** Endpoints that work, but slowly or not quite as expected. */
  degraded!: number;

  /** Endpoints that are down in some places. */
  partial_outage!: number;

  /** Endpoints that are down. */
  major_outage!: number;

  /** Endpoints in maintenance. */
  maintenance!: number;

  /** Endpoints of which nothing is known. */
  unknown!: number;
}

/** A group or a tag, with how many endpoints have it. */
export class NamedCountDto {
  /** The group or tag. */
  name!: string;

  /** How many endpoints have it. */
  count!: number;
}

/** What the endpoints of a list have in common, over all its pages. */
export class EndpointSummaryDto {
  /** How many are in which state. */
  states!: EndpointStateCountsDto;

  /** Their groups by name, at most 1,000. */
  @ApiProperty({ type: () => [NamedCountDto] })
  groups!: NamedCountDto[];

  /** Their tags by name, at most 1,000. */
  @ApiProperty({ type: () => [NamedCountDto] })
  tags!: NamedCountDto[];
}

/** A page of endpoints. */
export class EndpointListDto extends PageInfo {
  /** The endpoints, in the order that was asked for. */
  endpoints!: EndpointDto[];

  /** What all endpoints of the list have in common, not only those of the page. */
  summary!: EndpointSummaryDto;
}
