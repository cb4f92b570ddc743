import {
  ArrayMaxSize,
  ArrayMinSize,
  ArrayUnique,
  IsArray,
  IsIn,
  IsInt,
  IsNotEmpty,
  IsOptional,
  IsString,
  Max,
  MaxLength,
  Min,
  MinDate,
} from 'class-validator';
import { KEY_RIGHTS, type KeyPermission } from '../../../common/access.js';
import { IsTime } from '../../../common/time.js';
import type { ApiKey } from '../../../database/entities/api-key.entity.js';

const PERMISSIONS = Object.keys(KEY_RIGHTS);

/** A key to make. */
export class CreateApiKeyDto {
  /**
   * What the key is for.
   * @example "Production API Key"
   */
  @IsString()
  @IsNotEmpty()
  @MaxLength(100)
  name!: string;

  /**
   * What the key may do: `read`, `write`, `ingest` (report errors only; safe to publish in a browser), `admin`.
   * @example ["read"]
   */
  @IsArray()
  @ArrayMinSize(1)
  @ArrayUnique()
  @IsIn(PERMISSIONS, { each: true, message: `permissions must be among ${PERMISSIONS.join(', ')}` })
  permissions!: KeyPermission[];

  /** When the key ends by itself; never when left out. ISO 8601. */
  @IsOptional()
  @IsTime()
  @MinDate(() => new Date(), { message: 'expires_at must lie in the future' })
  expires_at?: Date;

  /** Sources that the key may report errors for; any when empty or left out. */
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(100)
  @IsString({ each: true })
  @MaxLength(200, { each: true })
  sources?: string[];

  /** Errors that the key may report a minute, `0` for any number; the instance’s limit when null or left out. */
  @IsOptional()
  @IsInt()
  @Min(0)
  @Max(10_000_000)
  errors_per_minute?: number | null;
}

/** An API key, without the key itself. */
export class ApiKeyDto {
  /** Id of the key. */
  id!: string;

  /** What the key is for. */
  name!: string;

  /** The part of the key that may be shown: `wk_live_****7890`. */
  key_preview!: string;

  /** What the key may do. */
  permissions!: KeyPermission[];

  /** Sources that the key may report errors for; empty means any. */
  sources!: string[];

  /** What a Sentry SDK is given to report with this key; null for keys without the permission `ingest`. */
  dsn!: string | null;

  /** Errors that the key may report a minute, `0` for any number; null for the instance’s limit. */
  errors_per_minute!: number | null;

  /** When the key ends by itself. */
  expires_at!: Date | null;

  /** When the key was last used, exact to a minute. */
  last_used!: Date | null;

  /** When the key was made. */
  created_at!: Date;

  static from(key: ApiKey & { dsn: string | null }): ApiKeyDto {
    const { id, name, key_preview, permissions, sources, dsn, errors_per_minute } = key;
    const { expires_at, last_used_at, created_at } = key;
    return {
      id,
      name,
      key_preview,
      permissions,
      sources,
      dsn,
      errors_per_minute,
      expires_at,
      last_used: last_used_at,
      created_at,
    };
  }
}

/** A key just made: the only answer that holds the key. */
export class CreatedApiKeyDto extends ApiKeyDto {
  /** The key. It is shown this once. */
  key!: string;
}

/** All API keys. */
export class ApiKeyListDto {
  /** The keys, newest first. */
  api_keys!: ApiKeyDto[];
}
