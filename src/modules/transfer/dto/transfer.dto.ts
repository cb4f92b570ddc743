import { ApiProperty, OmitType } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsBoolean, IsIn, IsOptional } from 'class-validator';
import { IsTime } from '../../../common/time.js';
import { ListErrorsQuery } from '../../errors/dto/list-errors.dto.js';
import { EXPORT_KINDS, type ExportKind } from '../exported-kinds.js';
import { EXPORT_FORMATS, type ExportFormat } from '../row-formats.js';

/** Which rows are exported. */
export class ExportQuery {
  /** One JSON object a line, or comma-separated values with a header. */
  @ApiProperty({ enum: EXPORT_FORMATS, required: false, default: 'ndjson' })
  @IsIn(EXPORT_FORMATS)
  format: ExportFormat = 'ndjson';

  /**
   * Only what happened at this time or later: errors by their last occurrence, incidents by their start, endpoints by when
   * they were made, settings by their last change. ISO 8601.
   */
  @IsOptional()
  @IsTime()
  from?: Date;

  /** Only what happened before this time. ISO 8601. */
  @IsOptional()
  @IsTime()
  to?: Date;
}

/** What is exported. */
export class ExportKindParameter {
  /** The kind of rows. */
  @ApiProperty({ enum: EXPORT_KINDS })
  @IsIn(EXPORT_KINDS)
  kind!: ExportKind;
}

/** Which errors are exported. */
export class ExportErrorsQuery extends OmitType(ListErrorsQuery, ['limit', 'offset', 'cursor'] as const) {
  /** One JSON object a line, or comma-separated values with a header. */
  @ApiProperty({ enum: EXPORT_FORMATS, required: false, default: 'ndjson' })
  @IsIn(EXPORT_FORMATS)
  format: ExportFormat = 'ndjson';
}

/** What else goes into a file of everything. */
export class ExportEverythingQuery {
  /** Whether secrets go with it, encrypted: only an instance with the same `SECRET_KEY` can import it then. */
  @IsOptional()
  @Transform(({ value }: { value: unknown }) => (value === 'true' ? true : value === 'false' ? false : value))
  @IsBoolean({ message: 'include_secrets must be true or false' })
  include_secrets?: boolean;
}

/** What was taken over. */
export class ImportedDto {
  /** Rows taken over, by type. */
  @ApiProperty({ type: 'object', additionalProperties: { type: 'integer' }, example: { error: 120 } })
  counts!: Record<string, number>;
}
