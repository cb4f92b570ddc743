import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** How often an error occurred in an hour. */
@Entity('error_hours')
@Index('idx_error_hours_hour', ['hour'])
export class ErrorHour {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'error_hours_pkey' })
  error_id!: string;

  @PrimaryColumn('timestamptz', { primaryKeyConstraintName: 'error_hours_pkey' })
  hour!: Date;

  @Column('bigint')
  count!: string;
}
