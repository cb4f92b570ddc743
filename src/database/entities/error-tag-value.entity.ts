import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** A value that reports of a source carried: what a search completes to, and what its wildcards stand for. */
@Entity('error_tag_values')
@Index('idx_error_tag_values_value', { synchronize: false })
export class ErrorTagValue {
  @PrimaryColumn('text', { primaryKeyConstraintName: 'error_tag_values_pkey' })
  source!: string;

  @PrimaryColumn('text', { primaryKeyConstraintName: 'error_tag_values_pkey' })
  key!: string;

  @PrimaryColumn('text', { primaryKeyConstraintName: 'error_tag_values_pkey' })
  value!: string;

  @Column('bigint')
  count!: string;

  @Column('timestamptz')
  last_seen!: Date;
}
