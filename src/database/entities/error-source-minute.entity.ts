import { Column, Entity, PrimaryColumn } from 'typeorm';

/** Reports of a busy source within a minute, of all API processes together, refused ones included. Forgotten soon. */
@Entity('error_source_minutes')
export class ErrorSourceMinute {
  @PrimaryColumn('timestamptz', { primaryKeyConstraintName: 'error_source_minutes_pkey' })
  minute!: Date;

  @PrimaryColumn('text', { primaryKeyConstraintName: 'error_source_minutes_pkey' })
  source!: string;

  @Column('bigint')
  reports!: string;
}
