import { Column, Entity, Index, JoinColumn, OneToOne, PrimaryColumn } from 'typeorm';
import { ErrorGroup } from './error-group.entity.js';

/**
 * What lists are ordered by beside times. Apart from `errors`, because these columns are indexed: counting a report
 * must not touch an index. Follows a few seconds later.
 */
@Entity('error_figures')
@Index('idx_error_figures_count', ['count', 'error_id'])
@Index('idx_error_figures_users', ['users', 'error_id'])
@Index('idx_error_figures_source_count', ['source', 'count', 'error_id'])
@Index('idx_error_figures_source_users', ['source', 'users', 'error_id'])
export class ErrorFigures {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'error_figures_pkey' })
  error_id!: string;

  @OneToOne(() => ErrorGroup, { onDelete: 'CASCADE' })
  @JoinColumn({ name: 'error_id', foreignKeyConstraintName: 'error_figures_error_id_fkey' })
  error?: ErrorGroup;

  @Column('text')
  source!: string;

  /** A bigint: the driver hands it over as text. */
  @Column('bigint')
  count!: string;

  /** Affected users, those of merged groups included; estimated. */
  @Column('integer')
  users!: number;
}
