import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsObject } from 'class-validator';
import { IfGiven } from '../../../common/http/if-given.js';

/** What to try. */
export class PrivacyTestDto {
  /**
   * An error as your program reports it: the body of `POST /api/errors`, or an event of a Sentry SDK as JSON. A field
   * `source` chooses whose rules are tried.
   * @example {"message": "Payment of bob@example.com failed", "context": {"password": "hunter2", "card": "4111 1111 1111 1111"}}
   */
  @IsObject()
  @ApiProperty({ type: 'object', additionalProperties: true })
  sample!: Record<string, unknown>;

  /**
   * Settings to try, as `PUT /api/settings/privacy` takes them; by default those that hold.
   * @example {"keys": ["customer_number"], "ip_addresses": "anonymise"}
   */
  @IfGiven()
  @IsObject()
  @ApiPropertyOptional({ type: 'object', additionalProperties: true })
  settings?: Record<string, unknown>;
}

/** One value that is not stored as it was given. */
export class ScrubChangeDto {
  /**
   * Keys and places that lead to it.
   * @example ["context", "password"]
   */
  path!: string[];

  /**
   * The rules that changed it: `key "password"`, the name of a pattern, `bounds` when it was too long, too deep or
   * could not be stored.
   * @example ["key \"password\""]
   */
  rules!: string[];
}

/** What would be stored. */
export class PrivacyTestResultDto {
  /** What the sample was taken for. */
  @ApiProperty({ enum: ['report', 'sentry_event'] })
  kind!: 'report' | 'sentry_event';

  /** The error as it would be stored; fields without a value are left out. */
  @ApiProperty({ type: 'object', additionalProperties: true })
  result!: Record<string, unknown>;

  /** What was changed, and by which rules. */
  changes!: ScrubChangeDto[];
}
