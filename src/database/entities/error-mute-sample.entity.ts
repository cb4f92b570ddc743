import { Column, Entity, JoinColumn, ManyToOne, PrimaryColumn } from 'typeorm';
import { ErrorGroup } from './error-group.entity.js';

/** How often a group that is muted by rate had occurred at a time: two of them make a rate. */
@Entity('error_mute_samples')
export class ErrorMuteSample {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'error_mute_samples_pkey' })
  error_id!: string;

  @ManyToOne(() => ErrorGroup, { onDelete: 'CASCADE' })
  @JoinColumn({ name: 'error_id', foreignKeyConstraintName: 'error_mute_samples_error_id_fkey' })
  error?: ErrorGroup;

  @PrimaryColumn('timestamptz', { primaryKeyConstraintName: 'error_mute_samples_pkey' })
  at!: Date;

  /** A bigint: text. */
  @Column('bigint')
  count!: string;
}
