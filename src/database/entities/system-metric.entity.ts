import { Column, Entity, PrimaryColumn } from 'typeorm';

/** One sample of the machine that a worker runs on. */
@Entity('system_metrics')
export class SystemMetric {
  @PrimaryColumn('timestamptz', { primaryKeyConstraintName: 'system_metrics_pkey' })
  at!: Date;

  @PrimaryColumn('text', { primaryKeyConstraintName: 'system_metrics_pkey' })
  host!: string;

  @Column('real')
  cpu_percent!: number;

  @Column('real')
  memory_percent!: number;

  @Column('real')
  memory_used_mb!: number;

  @Column('real')
  disk_percent!: number;

  @Column('real')
  load_average!: number;

  /** Bytes since the sample before. A bigint: the driver hands it over as text. */
  @Column('bigint')
  network_bytes_in!: string;

  @Column('bigint')
  network_bytes_out!: string;

  /** Connections to the database, of all its clients. */
  @Column('integer')
  database_connections!: number;

  @Column('real', { nullable: true })
  database_latency_ms!: number | null;
}
