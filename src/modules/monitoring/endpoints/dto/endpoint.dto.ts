import { ApiProperty } from '@nestjs/swagger';
import { PageInfo } from '../../../../common/http/paging.dto.js';
import { ENDPOINT_KINDS, type EndpointKind } from '../../../../database/entities/endpoint.entity.js';
import { ENDPOINT_STATES, type EndpointState } from '../../../../database/entities/endpoint-status.entity.js';
import { EndpointAuthDto } from './endpoint-settings.dto.js';

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
  @ApiProperty({ enum: ENDPOINT_KINDS })
  kind!: EndpointKind;

  /**
   * Address that is checked.
   * @example "https://example.org/"
   */
  url!: string;

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

  /** Conditions on the answer; empty so far. */
  @ApiProperty({ type: 'array', items: { type: 'object' } })
  assertions!: unknown[];

  /** Most redirects that are followed. */
  follow_redirects!: number;

  /** Whether the certificate must be valid. */
  verify_tls!: boolean;

  /** Regions that it is checked from; empty: wherever a worker is free. */
  regions!: string[];

  /** How many regions must agree. */
  @ApiProperty({ enum: ['majority'] })
  quorum!: 'majority';

  /** Endpoints that this one cannot work without; empty so far. */
  depends_on!: string[];

  /** Words to find it by. */
  tags!: string[];

  /** Whether it may appear where no key is needed. */
  public!: boolean;

  /** Whether it is checked. */
  enabled!: boolean;

  /** State now; `unknown` while nothing has been measured. */
  @ApiProperty({ enum: ENDPOINT_STATES })
  status!: EndpointState;

  /** When it was last checked. */
  last_checked!: Date | null;

  /** Milliseconds that the last answer took, to its last byte; null when none came. */
  response_time_ms!: number | null;

  /** Share of the last 24 hours that it was up, of the time that was measured; null when none was. */
  uptime_percent_24h!: number | null;

  /** When the next check is due; null while it is disabled. */
  next_check_at!: Date | null;

  /** When it was created. */
  created_at!: Date;

  /** When its settings were last changed. */
  updated_at!: Date;
}

/** A page of endpoints. */
export class EndpointListDto extends PageInfo {
  /** The endpoints, by name. */
  endpoints!: EndpointDto[];
}
