import { Check, Column, Entity, PrimaryColumn } from 'typeorm';

/** Up to when maintenance windows have been applied to the states of endpoints. */
@Entity('maintenance_progress')
@Check('maintenance_progress_id_check', 'id = 1')
export class MaintenanceProgress {
  @PrimaryColumn('smallint', { primaryKeyConstraintName: 'maintenance_progress_pkey' })
  id!: number;

  @Column('timestamptz', { default: () => 'now()' })
  applied_until!: Date;
}
