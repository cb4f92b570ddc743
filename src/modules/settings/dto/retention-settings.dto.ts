import { ApiProperty } from '@nestjs/swagger';

/** What holds: what was chosen, or else what the environment says. */
export class EffectiveRetentionDto {
  /** How long single check results are kept, as a duration. */
  checks!: string;

  /** How long response times are kept by the hour, as a duration. */
  response_times!: string;

  /** How long system metrics are kept, as a duration. */
  system_metrics!: string;

  /** How long single error occurrences are kept, as a duration. */
  occurrences!: string;

  /** Disk that all occurrences may take, such as `10.0 GB`, or `none`. */
  occurrences_disk_budget!: string;

  /** How long after it was last seen an error is kept, as a duration, or `none` for ever. */
  errors!: string;
}

/** How long what is kept. Null: as the environment says. */
export class ChosenRetentionDto {
  /**
   * How long single check results are kept, as a duration of at least `1d`. Null: as `CHECK_RETENTION` says.
   * @example "30d"
   */
  @ApiProperty({ type: String, nullable: true, required: false })
  checks!: string | null;

  /**
   * How long response times are kept by the hour, as a duration of at least `7d`. Null: as `ROLLUP_RETENTION` says.
   * @example "90d"
   */
  @ApiProperty({ type: String, nullable: true, required: false })
  response_times!: string | null;

  /**
   * How long system metrics are kept, as a duration of at least `1d`. Null: as `METRICS_RETENTION` says.
   * @example "30d"
   */
  @ApiProperty({ type: String, nullable: true, required: false })
  system_metrics!: string | null;

  /**
   * How long single error occurrences are kept, as a duration of at least `1d`. Null: as `OCCURRENCE_RETENTION` says.
   * @example "30d"
   */
  @ApiProperty({ type: String, nullable: true, required: false })
  occurrences!: string | null;

  /**
   * Disk that all error occurrences may take, such as `10GB`, or `none`: beyond it the oldest days go, however young;
   * today stays. Null: as `OCCURRENCE_DISK_BUDGET` says.
   * @example "10GB"
   */
  @ApiProperty({ type: String, nullable: true, required: false })
  occurrences_disk_budget!: string | null;

  /**
   * How long after it was last seen an error goes with all that belongs to it, as a duration of at least `1d`, or
   * `none`. Null: as `ERROR_RETENTION` says.
   * @example "365d"
   */
  @ApiProperty({ type: String, nullable: true, required: false })
  errors!: string | null;
}

/** How long what is kept. */
export class RetentionSettingsDto extends ChosenRetentionDto {
  /** What holds. */
  effective!: EffectiveRetentionDto;
}
