import { ApiProperty } from '@nestjs/swagger';
import { ERROR_CODES, type ErrorCode } from '../../../common/coded-exception.js';
import { REPORT_OUTCOMES, type ReportOutcome } from './error.dto.js';
import { ReportErrorDto } from './report-error.dto.js';

/** Errors to report together. The array alone is understood too. */
export class ReportErrorsDto {
  /** The errors, 1 to 1,000 of them, each like the body of `POST /api/errors`. */
  @ApiProperty({ type: [ReportErrorDto], minItems: 1, maxItems: 1_000 })
  errors!: ReportErrorDto[];
}

/** A wrong field of one error of a batch. */
export class BatchFieldProblemDto {
  /** Name of the field. */
  field!: string;

  /** What is wrong with it. */
  message!: string;
}

/** What became of one error of a batch: stored (`id`, `outcome`, `count`) or refused (`error`, `code`). */
export class BatchResultDto {
  /** Its place in the request, from 0. */
  index!: number;

  /** Id of the error that it was counted under. */
  id?: string;

  /** What it did: see `POST /api/errors`. */
  @ApiProperty({ enum: REPORT_OUTCOMES, required: false })
  outcome?: ReportOutcome;

  /** How often the error has occurred, with this report. */
  count?: number;

  /** Why it was not stored, for people. */
  error?: string;

  /** Why it was not stored, for programs. */
  @ApiProperty({ enum: Object.keys(ERROR_CODES), required: false })
  code?: ErrorCode;

  /** The fields that were wrong. */
  @ApiProperty({ type: [BatchFieldProblemDto], required: false })
  details?: BatchFieldProblemDto[];

  /** Seconds after which it makes sense to send it again. */
  retry_after?: number;
}

/** What became of the errors of a batch. */
export class ReportedErrorsDto {
  /** How many were stored. */
  accepted!: number;

  /** How many were not. */
  rejected!: number;

  /** One result an error, in the order they were sent. */
  @ApiProperty({ type: [BatchResultDto] })
  results!: BatchResultDto[];
}
