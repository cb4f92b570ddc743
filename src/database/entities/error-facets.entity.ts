import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** What the reports of a group said of themselves: its own only, not those of groups merged into it. */
@Entity('error_facets')
@Index('idx_error_facets_terms', { synchronize: false })
export class ErrorFacets {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'error_facets_pkey' })
  error_id!: string;

  /** A `UserSketch`; null as long as no report named anybody. */
  @Column('bytea', { nullable: true })
  users!: Buffer | null;

  /** Counts by key and value, as `facets.ts` keeps them. Level, environment and release are keys like any other. */
  @Column('jsonb')
  tags!: Record<string, unknown>;

  /** `key=value` and `?key` of everything in `tags`: what searches look for. */
  @Column('text', { array: true })
  terms!: string[];
}
