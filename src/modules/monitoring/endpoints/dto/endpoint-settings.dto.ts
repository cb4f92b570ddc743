import { ApiPropertyOptional, PartialType } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsObject,
  IsOptional,
  IsString,
  IsUUID,
  Length,
  Matches,
  Max,
  MaxLength,
  Min,
  MinLength,
  ValidateIf,
  ValidateNested,
} from 'class-validator';
import { type EndpointKind, type Quorum, QUORUMS } from '../../../../database/entities/endpoint.entity.js';
import { KNOWN_KINDS } from '../endpoint-kinds.js';
import { MAX_ASSERTIONS } from '../settings-problems.js';
import { ASSERTION_SCHEMA, OPTIONS_SCHEMA } from './kind-schemas.js';
import { DAY_MS, HOUR_MS, MAX_TAGS, SECOND_MS } from './limits.js';
import { IfGiven, IsDuration, IsHeaderMap, IsStatusPattern } from './rules.js';

export const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const;
export const AUTH_TYPES = ['basic', 'bearer'] as const;

const MAX_URL_LENGTH = 2_048;

/** Credentials that a check sends. */
export class EndpointAuthDto {
  /** How they are sent: `basic` (user name and password) or `bearer` (a token). */
  @IsIn(AUTH_TYPES)
  type!: (typeof AUTH_TYPES)[number];

  /** User name, for `basic`. */
  @ValidateIf((auth: EndpointAuthDto) => auth.type === 'basic')
  @IsString()
  @MaxLength(1_000)
  @Matches(/^[^:]*$/, { message: 'username must not contain a colon' })
  username?: string;

  /** Password, for `basic`. Answers show `[hidden]`; sending that back keeps the stored one. */
  @ValidateIf((auth: EndpointAuthDto) => auth.type === 'basic')
  @IsString()
  @MaxLength(4_000)
  password?: string;

  /** Token, for `bearer`. Answers show `[hidden]`; sending that back keeps the stored one. */
  @ValidateIf((auth: EndpointAuthDto) => auth.type === 'bearer')
  @IsString()
  @MinLength(1)
  @MaxLength(8_000)
  @Matches(/^[\x21-\x7e]+$/, { message: 'token must consist of visible ASCII characters' })
  token?: string;
}

/** What an endpoint is and how it is checked. Only `name` and `url` are required, and for `push` only `name`. */
export class EndpointSettingsDto {
  /**
   * Name that people see; no two endpoints share one.
   * @example "API Root"
   */
  @IsString()
  @Length(1, 200)
  @Matches(/\S/, { message: 'name must not be blank' })
  name!: string;

  /** Heading that it stands under; null for none. */
  @ApiPropertyOptional({ default: null })
  @IsOptional()
  @IsString()
  @Length(1, 100)
  group?: string | null;

  /** How it is checked. */
  @ApiPropertyOptional({ enum: KNOWN_KINDS, default: 'http' })
  @IfGiven()
  @IsIn(KNOWN_KINDS)
  kind?: EndpointKind;

  /**
   * Address to check, with a scheme of its kind and without user name or password. Kind `push` has none: what is watched
   * reports to `push_url` by itself.
   * @example "https://example.org/"
   */
  @ApiPropertyOptional({ type: String, nullable: true })
  @ValidateIf(({ kind, url }: EndpointSettingsDto) => kind !== 'push' || (url ?? null) !== null)
  @IsString()
  @Length(1, MAX_URL_LENGTH)
  url?: string | null;

  /** Request method. */
  @ApiPropertyOptional({ enum: METHODS, default: 'GET' })
  @IfGiven()
  @IsIn(METHODS)
  method?: (typeof METHODS)[number];

  /** Request headers by name. Answers show each value as `[hidden]`; sending that back keeps the stored value. */
  @ApiPropertyOptional({ type: 'object', additionalProperties: { type: 'string' }, default: {} })
  @IfGiven()
  @IsHeaderMap()
  headers?: Record<string, string>;

  /** Request body, at most 64 KiB; null for none. */
  @ApiPropertyOptional({ default: null })
  @IsOptional()
  @IsString()
  @MaxLength(65_536)
  body?: string | null;

  /** Credentials to send; null for none. */
  @ApiPropertyOptional({ type: () => EndpointAuthDto, nullable: true, default: null })
  @IsOptional()
  @IsObject()
  @ValidateNested()
  @Type(() => EndpointAuthDto)
  auth?: EndpointAuthDto | null;

  /** Time between two checks, `1s` to `1d`. */
  @ApiPropertyOptional({ default: '1m' })
  @IfGiven()
  @IsDuration(SECOND_MS, DAY_MS)
  interval?: string;

  /** Longest time that a check may take, redirects included, `100ms` to `60s`. */
  @ApiPropertyOptional({ default: '10s' })
  @IfGiven()
  @IsDuration(100, 60 * SECOND_MS)
  timeout?: string;

  /** Status codes of a good answer: codes and ranges. */
  @ApiPropertyOptional({ default: ['200-299'] })
  @IfGiven()
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(50)
  @IsStatusPattern({ each: true })
  expected_status_codes?: string[];

  /** How often a failed check is repeated quickly before it is believed. */
  @ApiPropertyOptional({ default: 1 })
  @IfGiven()
  @IsInt()
  @Min(0)
  @Max(10)
  retries?: number;

  /** Wait before such a repeat, `1s` to `1h`; never longer than half the interval. */
  @ApiPropertyOptional({ default: '10s' })
  @IfGiven()
  @IsDuration(SECOND_MS, HOUR_MS)
  retry_interval?: string;

  /** Failed checks in a row that make an outage, repeats included. */
  @ApiPropertyOptional({ default: 2 })
  @IfGiven()
  @IsInt()
  @Min(1)
  @Max(100)
  failure_threshold?: number;

  /** Good checks in a row that end an outage. */
  @ApiPropertyOptional({ default: 1 })
  @IfGiven()
  @IsInt()
  @Min(1)
  @Max(100)
  recovery_threshold?: number;

  /** Milliseconds beyond which a good answer, or a run that was reported, counts as degraded; null for no limit. */
  @ApiPropertyOptional({ default: null })
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(DAY_MS)
  degraded_threshold_ms?: number | null;

  /** Settings that only its kind has. Answers show secret ones as `[hidden]`; sending that back keeps the stored value. */
  @ApiPropertyOptional({ ...OPTIONS_SCHEMA, default: {} })
  @IfGiven()
  @IsObject()
  options?: Record<string, unknown>;

  /** Conditions on the answer; one that is `soft` makes the endpoint degraded, any other makes the check fail. */
  @ApiPropertyOptional({ type: 'array', items: ASSERTION_SCHEMA, maxItems: MAX_ASSERTIONS, default: [] })
  @IfGiven()
  @IsArray()
  @ArrayMaxSize(MAX_ASSERTIONS)
  assertions?: unknown[];

  /** Most redirects that are followed; 0 takes the redirect itself as the answer. */
  @ApiPropertyOptional({ default: 5 })
  @IfGiven()
  @IsInt()
  @Min(0)
  @Max(20)
  follow_redirects?: number;

  /** Whether the certificate must be valid. */
  @ApiPropertyOptional({ default: true })
  @IfGiven()
  @IsBoolean()
  verify_tls?: boolean;

  /**
   * Regions to check from, by the `WORKER_REGION` of their workers; empty: wherever a worker is free. A region without a
   * running worker stays `unknown`.
   */
  @ApiPropertyOptional({ type: [String], default: [] })
  @IfGiven()
  @IsArray()
  @ArrayMaxSize(20)
  @Matches(/^[a-z0-9-]{1,32}$/, {
    each: true,
    message: 'regions must be names of 1 to 32 lower-case letters, digits and hyphens',
  })
  regions?: string[];

  /** How many of the regions must find it down before it is. */
  @ApiPropertyOptional({ enum: QUORUMS, default: 'majority' })
  @IfGiven()
  @IsIn(QUORUMS)
  quorum?: Quorum;

  /** Ids of endpoints that this one cannot work without: while one of them is down, this one raises no alert. */
  @ApiPropertyOptional({ type: [String], default: [] })
  @IfGiven()
  @IsArray()
  @ArrayMaxSize(20)
  @IsUUID(undefined, { each: true })
  depends_on?: string[];

  /** Words to find it by. */
  @ApiPropertyOptional({ default: [] })
  @IfGiven()
  @IsArray()
  @ArrayMaxSize(MAX_TAGS)
  @IsString({ each: true })
  @Length(1, 50, { each: true })
  tags?: string[];

  /** Whether it may appear where no key is needed: in the overview and on the status page. */
  @ApiPropertyOptional({ default: true })
  @IfGiven()
  @IsBoolean()
  public?: boolean;

  /** Whether it is checked. */
  @ApiPropertyOptional({ default: true })
  @IfGiven()
  @IsBoolean()
  enabled?: boolean;
}

/** What to change of an endpoint; everything else stays. */
export class EndpointChangesDto extends PartialType(EndpointSettingsDto, { skipNullProperties: false }) {}
