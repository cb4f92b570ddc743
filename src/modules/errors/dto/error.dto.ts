import { ApiProperty } from '@nestjs/swagger';
import { PageInfo } from '../../../common/http/paging.dto.js';
import { GROUPING_ORIGINS, type GroupingOrigin } from '../grouping/explain-grouping.js';
import { ERROR_LEVELS, type ErrorLevel } from '../../../database/entities/error-group.entity.js';
import { RESOLUTIONS, type Resolution } from '../life/error-action.js';

export const ERROR_STATUSES = ['unresolved', 'resolved', 'muted'] as const;
export type ErrorStatus = (typeof ERROR_STATUSES)[number];

/** What a list shows of an error. */
export class ErrorSummaryDto {
  /** Id of the error. */
  id!: string;

  /** When it occurred last: the same as `last_seen`. */
  timestamp!: Date;

  /** The worst level it was reported at. */
  @ApiProperty({ enum: ERROR_LEVELS })
  level!: ErrorLevel;

  /**
   * What went wrong: the message of the first report, without secrets and personal data; cut after 8,192 characters.
   * @example "Database connection failed"
   */
  message!: string;

  /**
   * The program that reported it.
   * @example "backend"
   */
  source!: string;

  /**
   * Where it was reported from last.
   * @example "production"
   */
  environment!: string | null;

  /** Address that was being served when it occurred last. */
  url!: string | null;

  /** Marks what is counted as the same error: hex, 32 digits. */
  fingerprint!: string;

  /** What is to be done about it: nothing while it is `resolved` or `muted`. */
  @ApiProperty({ enum: ERROR_STATUSES })
  status!: ErrorStatus;

  /** Whether somebody has declared it solved. */
  resolved!: boolean;

  /** When it last came back after having been resolved. */
  regressed_at!: Date | null;

  /** Whether it is counted without being announced. */
  muted!: boolean;

  /** Id of the member who looks into it; null for nobody. */
  assigned_to!: string | null;

  /**
   * Where in the program, in few words: the transaction, or the call that failed.
   * @example "checkout (src/cart.js)"
   */
  culprit!: string | null;

  /**
   * Language or runtime.
   * @example "javascript"
   */
  platform!: string | null;

  /** Release that it was reported from when it was opened. */
  first_release!: string | null;

  /** The latest release that it was reported from: the one that is known for the shortest time. */
  newest_release!: string | null;

  /** How often it occurred. */
  count!: number;

  /** When it occurred first. */
  first_seen!: Date;

  /** When it occurred last. */
  last_seen!: Date;
}

/** One problem, however often it occurred. */
export class ErrorDto extends ErrorSummaryDto {
  /** Stack trace of the first report, without secrets; cut after 65,536 characters. */
  stack_trace!: string | null;

  /**
   * What was known when it occurred: the union of all reports, the newest value of each key. Secrets read `[Filtered]`.
   * @example {"user_id": "12345", "request_id": "req-789"}
   */
  @ApiProperty({ type: 'object', additionalProperties: true })
  context!: Record<string, unknown>;

  /** Everywhere it was reported from, at most 20. */
  environments!: string[];

  /** User agent of the last report. */
  user_agent!: string | null;

  /** Address that the last report came from. */
  ip_address!: string | null;

  /** When it was resolved; null while it is open. */
  resolved_at!: Date | null;

  /** When it was stored first. */
  created_at!: Date;

  /** When it was changed last, by a report or by a person. */
  updated_at!: Date;
}

/** One of the errors that were merged into another. */
export class MergedErrorDto {
  /** Id of the error, which names the whole as well. */
  id!: string;

  /** Its own fingerprint. */
  fingerprint!: string;

  /** What went wrong, as its first report said. */
  message!: string;

  /** How often it occurred by itself, before and after it was merged; counted in `count` of the whole. */
  count!: number;
}

/** How often an error must occur to end its mute. */
export class MuteRateStatusDto {
  /** Occurrences. */
  count!: number;

  /**
   * Within this time.
   * @example "5m"
   */
  per!: string;
}

/** One problem, with what only its own page shows. */
export class ErrorDetailDto extends ErrorDto {
  /** Of a resolved error, what opens it again: `now`, any further report; `next_release`, one from a release that was not known then. */
  @ApiProperty({ enum: RESOLUTIONS, nullable: true })
  resolution!: Resolution | null;

  /** The latest release that it had been reported from when it was resolved. */
  @ApiProperty({ type: String, nullable: true })
  resolved_in_release!: string | null;

  /** When its mute ends by itself; null for never. */
  @ApiProperty({ type: Date, nullable: true })
  muted_until!: Date | null;

  /** The `count` that ends its mute; null for none. */
  @ApiProperty({ type: Number, nullable: true })
  mute_until_count!: number | null;

  /** How often it must occur to end its mute; null for no matter. */
  @ApiProperty({ type: MuteRateStatusDto, nullable: true })
  mute_rate!: MuteRateStatusDto | null;

  /** How many comments there are. */
  comments!: number;

  /** The errors that were merged into it, the most frequent first. */
  merged!: MergedErrorDto[];
}

/** What a report did: opened an error, counted one, brought a resolved one back, or repeated an earlier request. */
export const REPORT_OUTCOMES = ['new', 'duplicate', 'regression', 'repeated'] as const;
export type ReportOutcome = (typeof REPORT_OUTCOMES)[number];

/** The error that a report was counted under, after it was stored. */
export class ReportedErrorDto extends ErrorDto {
  /**
   * What the report did: `new` opened the error, `duplicate` counted it once more, `regression` brought a resolved one
   * back, `repeated` carried an `Idempotency-Key` that was used before and was not counted again.
   */
  @ApiProperty({ enum: REPORT_OUTCOMES })
  outcome!: ReportOutcome;
}

/** An error in a list, with figures that follow a few seconds later. */
export class ListedErrorDto extends ErrorSummaryDto {
  /** Affected users: exact up to 256, above within some 2 percent. */
  users!: number;

  /**
   * Occurrences in each of the last 24 hours, oldest first; the last one is the hour that runs.
   * @example [0, 0, 3, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 12, 4]
   */
  histogram!: number[];
}

/** A page of the errors. */
export class ErrorListDto extends PageInfo {
  /** The errors of this page. */
  errors!: ListedErrorDto[];

  /** Whether `total` is an estimate: exact up to 10,000 (unless counting would take long), the database’s own guess above. */
  total_is_estimate!: boolean;

  /** Send it as `cursor` to get the next page; null on the last one. */
  next_cursor!: string | null;
}

/** What became of an error. */
export class ErrorStatusDto {
  /** The state it is in now. */
  @ApiProperty({ enum: ERROR_STATUSES })
  status!: ErrorStatus;
}

/** One part of what an error is grouped by. */
export class GroupingPartDto {
  /**
   * Where it comes from: the normalised `message`, the type of the root `cause`, a `frame` of the stack, a line of a
   * `stack` in no known format, the report’s own `fingerprint`, or a grouping `rule`.
   */
  @ApiProperty({ enum: GROUPING_ORIGINS })
  origin!: GroupingOrigin;

  /** The variable of a fingerprint or a rule that it stands for, as `type` for `{{ type }}`; null for what stands for itself. */
  variable!: string | null;

  /**
   * The part itself, normalised.
   * @example "checkout (cart.js)"
   */
  value!: string;
}

/** Why reports were counted as this error. */
export class ErrorGroupingDto {
  /** Id of the error. */
  id!: string;

  /** The fingerprint: the first 32 hex digits of the SHA-256 of `text`. */
  fingerprint!: string;

  /** Version of the algorithm that made it. */
  version!: number;

  /**
   * What was hashed: version and source, then the parts, a line each.
   * What varies between occurrences stands in it as a placeholder: `‹number›`, `‹id›`, `‹date›`…
   */
  text!: string;

  /** Who decided: our `algorithm`, the `report` by a fingerprint of its own, or a grouping `rule`. */
  @ApiProperty({ enum: ['algorithm', 'report', 'rule'] })
  decided_by!: 'algorithm' | 'report' | 'rule';

  /** What was hashed beside version and source, in order. */
  parts!: GroupingPartDto[];
}

/** One report of an error. */
export class ErrorOccurrenceDto {
  /** Id of the occurrence. */
  id!: string;

  /** When the report arrived. */
  received_at!: Date;

  /** The level it was reported at. */
  @ApiProperty({ enum: ERROR_LEVELS })
  level!: ErrorLevel;

  /** What went wrong, with this report’s own ids and numbers. */
  message!: string;

  /** Stack trace of this report. */
  stack_trace!: string | null;

  /** What was known when it occurred. Secrets read `[Filtered]`. */
  @ApiProperty({ type: 'object', additionalProperties: true })
  context!: Record<string, unknown>;

  /** Where it was reported from. */
  environment!: string | null;

  /** User agent of the report. */
  user_agent!: string | null;

  /** Address that the report came from. */
  ip_address!: string | null;

  /** Address that was being served. */
  url!: string | null;

  /** Version of the program. */
  release!: string | null;

  /** Id that the reporter’s SDK gave it: 32 hex digits. */
  event_id!: string | null;

  /** When it happened by the reporter’s clock. */
  occurred_at!: Date | null;

  /** Short names and values to search for. */
  @ApiProperty({ type: 'object', additionalProperties: { type: 'string' }, nullable: true })
  tags!: Record<string, string> | null;

  /** What the SDK reported beside it: exceptions with their frames, breadcrumbs, the request… */
  @ApiProperty({ type: 'object', additionalProperties: true, nullable: true })
  details!: Record<string, unknown> | null;
}

/** A page of an error’s occurrences. */
export class ErrorOccurrenceListDto extends PageInfo {
  /** The occurrences of this page, newest first. */
  occurrences!: ErrorOccurrenceDto[];

  /** Whether `total` is an estimate: exact up to 10,000, the database’s own guess above. Old occurrences expire, `count` stays. */
  total_is_estimate!: boolean;
}
