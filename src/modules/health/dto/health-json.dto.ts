import { ApiProperty } from '@nestjs/swagger';

const STATUSES = ['pass', 'warn', 'fail'] as const;
export type HealthJsonStatus = (typeof STATUSES)[number];

/** One measurement in the format `application/health+json`. */
export class HealthJsonCheckDto {
  /** What kind of thing was measured. */
  @ApiProperty({ enum: ['datastore', 'component', 'system'] })
  componentType!: 'datastore' | 'component' | 'system';

  /** What was measured, in `observedUnit`. */
  observedValue!: number;

  /** `ms`, `percent` or `s`. */
  observedUnit!: string;

  /** Whether the value is good. */
  @ApiProperty({ enum: STATUSES })
  status!: HealthJsonStatus;

  /** When it was measured, ISO 8601 in UTC. */
  time!: string;

  /** What is wrong, for a person; only when something is. */
  output?: string;
}

/** Health in the format `application/health+json`. */
export class HealthJsonDto {
  /** The worst of the checks; `fail` goes with an HTTP status of 500 or above. */
  @ApiProperty({ enum: STATUSES })
  status!: HealthJsonStatus;

  /** Version of Watchkeep. */
  version!: string;

  /** The exact release, the same as `version`. */
  releaseId!: string;

  /** Measurements by `component:measurement`, such as `postgres:responseTime`. */
  @ApiProperty({
    type: 'object',
    additionalProperties: { type: 'array', items: { $ref: '#/components/schemas/HealthJsonCheckDto' } },
  })
  checks!: Record<string, HealthJsonCheckDto[]>;
}
