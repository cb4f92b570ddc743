import { Column, Entity, Index, JoinColumn, ManyToOne, PrimaryColumn } from 'typeorm';
import { User } from './user.entity.js';

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
@Index('idx_errors_assigned_to', ['assigned_to', 'last_seen_minute'], { where: 'assigned_to IS NOT NULL' })
@Index('idx_errors_muted', ['last_seen_minute'], { where: 'muted' })
@Index('idx_errors_mute_rate', ['id'], { where: 'muted AND (mute_rate_count IS NOT NULL)' })
@Index('idx_errors_muted_until', ['muted_until'], { where: 'muted AND (muted_until IS NOT NULL)' })
@Index('idx_errors_merged_into', ['merged_into'], { where: 'merged_into IS NOT NULL' })
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

  /** Where in the program, in few words, by the first report. */
  @Column('text', { nullable: true })
  culprit!: string | null;

  @Column('text', { nullable: true })
  platform!: string | null;

  /** Release of the first report that named one when the group was opened. */
  @Column('text', { nullable: true })
  first_release!: string | null;

  /** The release, of all that reported it, that is known for the shortest time, */
  @Column('text', { nullable: true })
  newest_release!: string | null;

  /** and since when it is known. */
  @Column('timestamptz', { nullable: true })
  newest_release_at!: Date | null;

  /** Day (UTC) of the last report, */
  @Column('date', { default: '-infinity' })
  day!: string;

  /** and the reports of that day: what the budget of occurrences is measured by. */
  @Column('integer', { default: 0 })
  day_count!: number;

  /** How it was resolved: `now`, or `next_release`, which a report from a release known before does not undo. */
  @Column('text', { nullable: true })
  resolution!: 'now' | 'next_release' | null;

  @Column('text', { nullable: true })
  resolved_in_release!: string | null;

  /** Counted, but not announced, */
  @Column('boolean', { default: false })
  muted!: boolean;

  /** until this time, */
  @Column('timestamptz', { nullable: true })
  muted_until!: Date | null;

  /** or until it has occurred this often, a bigint, */
  @Column('bigint', { nullable: true })
  mute_until_count!: string | null;

  /** or until it occurs this often */
  @Column('integer', { nullable: true })
  mute_rate_count!: number | null;

  /** within so many minutes. */
  @Column('integer', { nullable: true })
  mute_rate_minutes!: number | null;

  /** When a mute last ended by itself. */
  @Column('timestamptz', { nullable: true })
  unmuted_at!: Date | null;

  @ManyToOne(() => User, { onDelete: 'SET NULL' })
  @JoinColumn({ name: 'assigned_to', foreignKeyConstraintName: 'errors_assigned_to_fkey' })
  assignee?: User;

  @Column('uuid', { nullable: true })
  assigned_to!: string | null;

  @ManyToOne(() => ErrorGroup, { onDelete: 'CASCADE' })
  @JoinColumn({ name: 'merged_into', foreignKeyConstraintName: 'errors_merged_into_fkey' })
  mergedInto?: ErrorGroup;

  /** The group that this one is counted under. Lists leave out what is merged into another. */
  @Column('uuid', { nullable: true })
  merged_into!: string | null;

  /** What was its own before others were merged into it, to be had again: first_seen, level, environments, releases. */
  @Column('jsonb', { nullable: true })
  before_merge!: Record<string, unknown> | null;
}
