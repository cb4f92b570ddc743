import { Column, Entity, Index, JoinColumn, ManyToOne, PrimaryColumn } from 'typeorm';
import { ErrorGroup } from './error-group.entity.js';

/** What can happen to an error, beside being reported. `first_seen` is told from the error itself and never stored. */
export const ERROR_ACTIVITY_KINDS = [
  'first_seen',
  'resolved',
  'unresolved',
  'regressed',
  'muted',
  'unmuted',
  'assigned',
  'commented',
  'merged',
  'unmerged',
] as const;
export type ErrorActivityKind = (typeof ERROR_ACTIVITY_KINDS)[number];

/** Who did it: a user, a key, or Watchkeep by itself. */
export const ACTOR_KINDS = ['user', 'api_key', 'watchkeep'] as const;
export type ActorKind = (typeof ACTOR_KINDS)[number];

/** One thing that happened to an error. A comment is one of them. */
@Entity('error_activities')
@Index('idx_error_activities_error_id_at', ['error_id', 'at'])
export class ErrorActivity {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'error_activities_pkey' })
  id!: string;

  @Column('uuid')
  error_id!: string;

  @ManyToOne(() => ErrorGroup, { onDelete: 'CASCADE' })
  @JoinColumn({ name: 'error_id', foreignKeyConstraintName: 'error_activities_error_id_fkey' })
  error?: ErrorGroup;

  @Column('timestamptz')
  at!: Date;

  @Column('text')
  kind!: ErrorActivityKind;

  @Column('text')
  actor_kind!: ActorKind;

  @Column('uuid', { nullable: true })
  actor_id!: string | null;

  /** As it was then: users and keys may go. */
  @Column('text', { nullable: true })
  actor_name!: string | null;

  @Column('jsonb', { default: {} })
  details!: Record<string, unknown>;
}
