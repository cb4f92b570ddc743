import { ApiProperty } from '@nestjs/swagger';
import { IsBoolean, IsIn, IsObject, IsOptional } from 'class-validator';
import {
  INTEGRATION_HEALTHS,
  type IntegrationHealth,
} from '../../../database/entities/integration.entity.js';
import { KIND_NAMES } from '../kinds/integration-kinds.js';

export const INTEGRATION_STATUSES = [
  'connected',
  'disconnected',
  'unknown',
  'disabled',
  'not_configured',
] as const;
export type IntegrationStatus = (typeof INTEGRATION_STATUSES)[number];

/** An integration as it is configured. */
export class IntegrationSettingsDto {
  /** What it is; by default what its name says. It cannot change later. */
  @IsOptional()
  @IsIn(KIND_NAMES)
  @ApiProperty({ enum: KIND_NAMES })
  kind?: string;

  /** Whether it is probed and used. */
  @IsOptional()
  @IsBoolean()
  enabled?: boolean = true;

  /**
   * Its settings, as its kind wants them. A secret sent as `[hidden]` stays as it is stored.
   * @example {"webhook_url": "https://hooks.slack.com/services/T000/B000/XXX", "channel": "#alerts"}
   */
  @IsObject()
  @ApiProperty({ type: 'object', additionalProperties: true })
  config!: Record<string, unknown>;
}

/** What the probes of an integration say. */
export class IntegrationHealthDto {
  /** What the last probe said; unknown when nothing was measured since the settings changed. */
  @ApiProperty({ enum: INTEGRATION_HEALTHS })
  status!: IntegrationHealth;

  /** Share of the scheduled probes of the last 24 hours that succeeded, in percent, rounded down; null when none was made. */
  uptime_percent!: number | null;

  /** Milliseconds that the last probe took; null when it did not succeed. */
  response_time_ms!: number | null;

  /** When it was last probed. */
  last_checked!: Date | null;

  /** What the last probe found wrong, for a person; null when nothing. */
  error!: string | null;
}

/** A service that Watchkeep sends through. */
export class IntegrationDto {
  /**
   * Its name. A kind that is not configured stands under the name of the kind.
   * @example "slack"
   */
  name!: string;

  /** What it is. */
  @ApiProperty({ enum: KIND_NAMES })
  kind!: string;

  /**
   * How people call its kind.
   * @example "Slack"
   */
  title!: string;

  /** Whether it has settings. */
  configured!: boolean;

  /** Whether it is probed and used. */
  enabled!: boolean;

  /** Its health in one word: connected after a probe that succeeded, disconnected after one that did not. */
  @ApiProperty({ enum: INTEGRATION_STATUSES })
  status!: IntegrationStatus;

  /** Its settings, with `[hidden]` for secrets; empty when it is not configured. */
  @ApiProperty({ type: 'object', additionalProperties: true })
  config!: Record<string, unknown>;

  /** Its health. */
  health!: IntegrationHealthDto;

  /** When it was last probed, by schedule or by hand. */
  last_test!: Date | null;

  /** When it was configured. */
  created_at!: Date | null;

  /** When its settings last changed. */
  updated_at!: Date | null;
}

/** A kind of integration, and what it wants to know. */
export class IntegrationKindDto {
  /** How the API calls it. */
  @ApiProperty({ enum: KIND_NAMES })
  kind!: string;

  /** How people call it. */
  title!: string;

  /** What a probe that succeeds proves, and what it does not. */
  proves!: string;

  /** JSON Schema (draft 2020-12) of `config`; secrets are `writeOnly`. */
  @ApiProperty({ type: 'object', additionalProperties: true })
  settings!: Record<string, unknown>;
}

/** All integrations, and all that could be. */
export class IntegrationListDto {
  /** The integrations by name, then the kinds of which none is configured. */
  integrations!: IntegrationDto[];

  /** Every kind that is known. */
  kinds!: IntegrationKindDto[];
}

/** What a probe said. */
export class IntegrationTestDto {
  /** Name of the integration. */
  name!: string;

  /** Whether it succeeded; null when nothing could be measured. */
  ok!: boolean | null;

  /** What is wrong, for a person; null when nothing is. */
  error!: string | null;

  /** What was found; null when something is wrong. */
  detail!: string | null;

  /** What a probe that succeeds proves, and what it does not. */
  proves!: string;

  /** Milliseconds that it took; null when it did not succeed. */
  response_time_ms!: number | null;

  /** When it was made. */
  tested_at!: Date;
}
