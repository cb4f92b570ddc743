import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/**
 * Announced work: when, and on which endpoints. A definition only: nothing in it changes as time passes, so whether it
 * is in effect is always a question of the time it is asked.
 */
@Entity('maintenance_windows')
export class MaintenanceWindow {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'maintenance_windows_pkey' })
  id!: string;

  @Column('text')
  title!: string;

  @Column('text', { nullable: true })
  description!: string | null;

  @Column('boolean')
  all_endpoints!: boolean;

  /** May hold ids of endpoints that are gone. */
  @Column('uuid', { array: true, default: '{}' })
  endpoint_ids!: string[];

  @Column('text', { array: true, default: '{}' })
  groups!: string[];

  @Column('text', { array: true, default: '{}' })
  tags!: string[];

  /** Begin of a window that holds once; of a recurring one, nothing begins before. */
  @Column('timestamptz', { nullable: true })
  starts_at!: Date | null;

  /** End of a window that holds once; of a recurring one, nothing begins or lasts beyond. */
  @Column('timestamptz', { nullable: true })
  ends_at!: Date | null;

  /** Five fields, in `time_zone`; null for a window that holds once. */
  @Column('text', { nullable: true })
  cron!: string | null;

  /** How long an occurrence lasts, in milliseconds of elapsed time. */
  @Column('integer', { nullable: true })
  duration_ms!: number | null;

  /** IANA name. */
  @Column('text')
  time_zone!: string;

  @Column('boolean')
  enabled!: boolean;

  /** When somebody last ended ahead of time what was in effect. */
  @Column('timestamptz', { nullable: true })
  ended_at!: Date | null;

  /** After this it never holds again; null when it goes on for ever. */
  @Index('idx_maintenance_windows_over_at')
  @Column('timestamptz', { nullable: true })
  over_at!: Date | null;

  /** Name of the configuration that it comes from; null for one made by hand. */
  @Column('text', { nullable: true })
  managed_by!: string | null;

  @Column('timestamptz', { default: () => 'now()' })
  created_at!: Date;

  @Column('timestamptz', { default: () => 'now()' })
  updated_at!: Date;
}
