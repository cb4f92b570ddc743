import { Column, Entity, JoinColumn, OneToOne, PrimaryColumn } from 'typeorm';
import { Endpoint } from './endpoint.entity.js';

export const HEARTBEAT_KINDS = ['success', 'fail', 'start'] as const;
export type HeartbeatKind = (typeof HEARTBEAT_KINDS)[number];

/** What an endpoint that reports by itself has reported last. */
@Entity('endpoint_heartbeats')
export class EndpointHeartbeat {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'endpoint_heartbeats_pkey' })
  endpoint_id!: string;

  @OneToOne(() => Endpoint, { onDelete: 'CASCADE' })
  @JoinColumn({ name: 'endpoint_id', foreignKeyConstraintName: 'endpoint_heartbeats_endpoint_id_fkey' })
  endpoint!: Endpoint;

  @Column('timestamptz', { nullable: true })
  last_ping_at!: Date | null;

  @Column('text', { nullable: true })
  last_kind!: HeartbeatKind | null;

  /** When the run that is under way began. */
  @Column('timestamptz', { nullable: true })
  run_started_at!: Date | null;

  /** How long the run took that ended last. */
  @Column('bigint', { nullable: true })
  last_duration_ms!: string | null;

  @Column('smallint', { nullable: true })
  last_exit_code!: number | null;

  @Column('text', { nullable: true })
  last_message!: string | null;

  /** When the next heartbeat is expected; null while nothing is, until the first. */
  @Column('timestamptz', { nullable: true })
  expected_at!: Date | null;
}
