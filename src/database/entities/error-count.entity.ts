import { Column, Entity, PrimaryColumn } from 'typeorm';

/** All errors of an hour, for statistics: deleted groups stay counted. An environment that was not given is ''. */
@Entity('error_counts')
export class ErrorCount {
  @PrimaryColumn('timestamptz', { primaryKeyConstraintName: 'error_counts_pkey' })
  hour!: Date;

  @PrimaryColumn('text', { primaryKeyConstraintName: 'error_counts_pkey' })
  source!: string;

  @PrimaryColumn('text', { primaryKeyConstraintName: 'error_counts_pkey' })
  environment!: string;

  @PrimaryColumn('text', { primaryKeyConstraintName: 'error_counts_pkey' })
  level!: string;

  @Column('bigint')
  count!: string;
}
