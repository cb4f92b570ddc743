import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

export const ERROR_LEVELS = ['error', 'warning', 'info', 'debug'] as const;
export type ErrorLevel = (typeof ERROR_LEVELS)[number];

/**
 * One problem, however often it occurred. The API calls it an error.
 *
 * Counting a duplicate touches no indexed column (`last_seen_minute` changes once a minute),
 * so that PostgreSQL can update the row in place (HOT) whatever the number of indexes.
 */
@Entity('errors')
@Index('idx_errors_last_seen', ['last_seen_minute'])
@Index('idx_errors_level_last_seen', ['level', 'last_seen_minute'])
@Index('idx_errors_source_last_seen', ['source', 'last_seen_minute'])
@Index('idx_errors_resolved_last_seen', ['resolved', 'last_seen_minute'])
@Index('idx_errors_first_seen', ['first_seen'])
@Index('idx_errors_resolved_at', ['resolved_at'], { where: 'resolved_at IS NOT NULL' })
@Index('idx_errors_regressed_at', ['regressed_at'], { where: 'regressed_at IS NOT NULL' })
// GIN indexes: TypeORM cannot describe them, but must know that they belong here.
@Index('idx_errors_environments', { synchronize: false })
@Index('idx_errors_message_trigrams', { synchronize: false })
export class ErrorGroup {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'errors_pkey' })
  id!: string;

  @Column('text', { unique: true })
  fingerprint!: string;

  /** Version of the algorithm that made the fingerprint. */
  @Column('smallint')
  grouping_version!: number;

  /** The normalised text that was hashed. */
  @Column('text')
  grouping_text!: string;

  @Column('text')
  level!: ErrorLevel;

  @Column('text')
  message!: string;

  @Column('text', { nullable: true })
  stack_trace!: string | null;

  @Column('jsonb', { default: {} })
  context!: Record<string, unknown>;

  @Column('text')
  source!: string;

  @Column('text', { nullable: true })
  environment!: string | null;

  /** Every environment that it was reported from. */
  @Column('text', { array: true, default: '{}' })
  environments!: string[];

  @Column('text', { nullable: true })
  user_agent!: string | null;

  @Column('text', { nullable: true })
  ip_address!: string | null;

  @Column('text', { nullable: true })
  url!: string | null;

  @Column('boolean', { default: false })
  resolved!: boolean;

  @Column('timestamptz', { nullable: true })
  resolved_at!: Date | null;

  /** When it last came back after having been resolved. */
  @Column('timestamptz', { nullable: true })
  regressed_at!: Date | null;

  /** A bigint: the driver hands it over as text. */
  @Column('bigint')
  count!: string;

  @Column('timestamptz')
  first_seen!: Date;

  @Column('timestamptz')
  last_seen!: Date;

  /** `last_seen` cut to the minute; lists are ordered by it first and by `last_seen` within it. */
  @Column({
    type: 'timestamptz',
    asExpression: `date_bin('00:01:00'::interval, last_seen, '2000-01-01 00:00:00+00'::timestamp with time zone)`,
    generatedType: 'STORED',
    insert: false,
    update: false,
  })
  last_seen_minute!: Date;

  @Column('timestamptz', { default: () => 'now()' })
  created_at!: Date;

  @Column('timestamptz', { default: () => 'now()' })
  updated_at!: Date;
}
