import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

export const ERASURE_STATUSES = ['waiting', 'running', 'done'] as const;
export type ErasureStatus = (typeof ERASURE_STATUSES)[number];

/** Somebody who is to be erased, or was: who asked for it and when, without saying who it is. */
@Entity('privacy_erasures')
@Index('idx_privacy_erasures_open', ['requested_at'], { where: `status <> 'done'` })
export class PrivacyErasure {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'privacy_erasures_pkey' })
  id!: string;

  @Column('text')
  status!: ErasureStatus;

  /** Keyed hash of the identity: who knows the person can find the row, nobody else learns of the person. */
  @Column('text')
  identity_hash!: string;

  /** The identity itself, sealed, until the work is done. */
  @Column('text', { nullable: true })
  identity_encrypted!: string | null;

  /** Kind and id of the principal that asked. */
  @Column('text')
  requested_by!: string;

  @Column('timestamptz')
  requested_at!: Date;

  @Column('timestamptz', { nullable: true })
  started_at!: Date | null;

  /** When a worker was last at it. */
  @Column('timestamptz', { nullable: true })
  beat_at!: Date | null;

  @Column('timestamptz', { nullable: true })
  finished_at!: Date | null;

  /** Tables that need not be looked through again. */
  @Column('text', { array: true, default: '{}' })
  done!: string[];

  /** Tables in all; null before the work has begun. */
  @Column('integer', { nullable: true })
  tables!: number | null;

  /** Bigints: the driver hands them over as text. */
  @Column('bigint', { default: 0 })
  occurrences_changed!: string;

  @Column('bigint', { default: 0 })
  groups_changed!: string;

  @Column('bigint', { default: 0 })
  other_rows_changed!: string;
}
