import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { ERROR_LEVELS, type ErrorLevel } from '../../../database/entities/error-group.entity.js';

/**
 * One error to report. It documents the body; `parseErrorReport` reads it. Fields that are not listed here are kept
 * inside `context`, and text that is too long is cut: an error must not be lost for a field too many.
 */
export class ReportErrorDto {
  /**
   * What went wrong. Cut after 8,192 characters. May be left out when there is a stack trace: its first line is taken.
   * @example "Database connection failed"
   */
  message?: string | null;

  /**
   * How bad it is. Other common spellings are understood (`fatal`, `critical`, `warn`, `notice`, `trace`…) and kept
   * as `context.level`.
   */
  @ApiProperty({ enum: ERROR_LEVELS, required: false, default: 'error' })
  level?: ErrorLevel;

  /**
   * The stack trace, lines separated by line feeds. Cut after 65,536 characters.
   * @example "Error: Connection timeout\n    at Database.connect (/srv/app/src/database.js:42:11)"
   */
  stack_trace?: string | null;

  /**
   * Whatever helps to understand the error. Values under keys such as `password` or `token` are filtered, and secrets
   * inside texts replaced. At most 100 entries an object, 8 levels and 32,768 characters are kept.
   * @example {"user_id": "12345", "request_id": "req-789"}
   */
  @ApiPropertyOptional({ type: 'object', additionalProperties: true, nullable: true })
  context?: Record<string, unknown> | null;

  /**
   * The program that reports. Errors of different sources are never counted together. Default: `default`, or the first
   * source that the key is restricted to. Cut after 200 characters.
   * @example "backend"
   */
  source?: string | null;

  /**
   * Where the program runs. Cut after 100 characters.
   * @example "production"
   */
  environment?: string | null;

  /**
   * Address that was being served. Cut after 2,048 characters.
   * @example "https://api.example.com/users"
   */
  url?: string | null;

  /**
   * Version of the program: what `resolve` in the next release goes by. Cut after 200 characters.
   * @example "shop@3.2.0"
   */
  release?: string | null;

  /**
   * Language or runtime. Cut after 64 characters.
   * @example "node"
   */
  platform?: string | null;

  /**
   * Short names and plain values to search for, also as `context.tags`: 50 at most, keys of 64 and values of 200 characters.
   * @example {"tenant": "t7"}
   */
  @ApiPropertyOptional({ type: 'object', additionalProperties: { type: 'string' }, nullable: true })
  tags?: Record<string, string> | null;

  /**
   * Whom it hit, also as `context.user` or `context.user_id`: affected users are counted by the first of these that is given.
   * @example {"id": "12345"}
   */
  @ApiPropertyOptional({
    type: 'object',
    properties: Object.fromEntries(
      ['id', 'email', 'username', 'ip_address'].map((name) => [
        name,
        { type: 'string', description: `Their ${name.replace('_', ' ')}.` },
      ]),
    ),
    nullable: true,
  })
  user?: Record<string, string> | null;

  /**
   * What to group by instead of message and stack trace; `{{ default }}` stands for these.
   * @example ["payment", "timeout"]
   */
  fingerprint?: string[] | null;

  /** User agent that the error occurred with. Default: the `User-Agent` of the request. */
  user_agent?: string | null;

  /** Address of the user. Default: the address that the request came from. */
  ip_address?: string | null;
}
