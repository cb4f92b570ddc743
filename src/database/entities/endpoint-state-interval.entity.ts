import { Column, Entity, Index, JoinColumn, ManyToOne, PrimaryColumn } from 'typeorm';
import { Endpoint } from './endpoint.entity.js';
import type { EndpointState } from './endpoint-status.entity.js';

/** A stretch of time in one state. Written on change only; uptime is the time-weighted sum over these. */
@Entity('endpoint_state_intervals')
@Index('idx_endpoint_state_intervals_open', ['endpoint_id'], { unique: true, where: 'ended_at IS NULL' })
@Index('idx_endpoint_state_intervals_outages', ['ended_at'], {
  where: `state IN ('major_outage', 'partial_outage')`,
})
export class EndpointStateInterval {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'endpoint_state_intervals_pkey' })
  endpoint_id!: string;

  @ManyToOne(() => Endpoint, { onDelete: 'CASCADE' })
  @JoinColumn({ name: 'endpoint_id', foreignKeyConstraintName: 'endpoint_state_intervals_endpoint_id_fkey' })
  endpoint!: Endpoint;

  @PrimaryColumn('timestamptz', { primaryKeyConstraintName: 'endpoint_state_intervals_pkey' })
  started_at!: Date;

  @Column('text')
  state!: EndpointState;

  /** Null while it lasts. */
  @Index('idx_endpoint_state_intervals_ended_at')
  @Column('timestamptz', { nullable: true })
  ended_at!: Date | null;
}
