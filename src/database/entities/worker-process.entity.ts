import { Column, Entity, PrimaryColumn } from 'typeorm';

export const PROCESS_KINDS = ['api', 'worker'] as const;
export type ProcessKind = (typeof PROCESS_KINDS)[number];

/** A running process of the installation, as it last said itself. A process that stops takes its row away. */
@Entity('workers')
export class WorkerProcess {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'workers_pkey' })
  id!: string;

  @Column('text')
  kind!: ProcessKind;

  @Column('text')
  host!: string;

  @Column('integer')
  pid!: number;

  /** Where a worker stands; null for an API process. */
  @Column('text', { nullable: true })
  region!: string | null;

  @Column('text', { array: true, default: '{}' })
  queues!: string[];

  @Column('text')
  version!: string;

  @Column('timestamptz')
  started_at!: Date;

  /** By the clock of the database, like every comparison with it: clocks of machines differ. */
  @Column('timestamptz')
  seen_at!: Date;

  @Column('integer', { nullable: true })
  checks_last_minute!: number | null;

  @Column('real', { nullable: true })
  lateness_p50_ms!: number | null;

  @Column('real', { nullable: true })
  lateness_p99_ms!: number | null;

  @Column('integer', { nullable: true })
  missed_slots_last_hour!: number | null;

  @Column('timestamptz', { nullable: true })
  network_lost_since!: Date | null;
}
