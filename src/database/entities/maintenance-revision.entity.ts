import { Check, Column, Entity, PrimaryColumn } from 'typeorm';

/** Counts the changes of {@link MaintenanceWindow} rows, so that whoever keeps them in mind knows when they are stale. */
@Entity('maintenance_revision')
@Check('maintenance_revision_id_check', 'id = 1')
export class MaintenanceRevision {
  @PrimaryColumn('smallint', { primaryKeyConstraintName: 'maintenance_revision_pkey' })
  id!: number;

  @Column('integer', { default: 0 })
  revision!: number;

  @Column('timestamptz', { default: () => 'now()' })
  changed_at!: Date;
}
