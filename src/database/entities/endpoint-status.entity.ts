import { Column, Entity, Index, JoinColumn, OneToOne, PrimaryColumn } from 'typeorm';
import { Endpoint } from './endpoint.entity.js';

export const ENDPOINT_STATES = [
  'operational',
  'degraded',
  'partial_outage',
  'major_outage',
  'maintenance',
  'unknown',
] as const;
export type EndpointState = (typeof ENDPOINT_STATES)[number];

/** What is known of an endpoint now, and when it is due. Rewritten by every check, hence apart from its configuration. */
@Entity('endpoint_status')
export class EndpointStatus {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'endpoint_status_pkey' })
  endpoint_id!: string;

  @OneToOne(() => Endpoint, { onDelete: 'CASCADE' })
  @JoinColumn({ name: 'endpoint_id', foreignKeyConstraintName: 'endpoint_status_endpoint_id_fkey' })
  endpoint!: Endpoint;

  /** What is shown: `maintenance` while a window covers it, else `measured_status`. */
  @Column('text', { default: 'unknown' })
  status!: EndpointState;

  /** What the checks say. */
  @Column('text', { default: 'unknown' })
  measured_status!: EndpointState;

  /** Whether a maintenance window covers it now. */
  @Column('boolean', { default: false })
  maintenance!: boolean;

  /** Whether `status` is only held: the monitor has lost its network, and nothing is measured. */
  @Column('boolean', { default: false })
  held!: boolean;

  /** Whether it changes between good and bad too often to be believed. */
  @Column('boolean', { default: false })
  flapping!: boolean;

  /** Outcomes of the newest measured checks, a bit each (1 good), the newest lowest, below a leading 1. */
  @Column('integer', { default: 1 })
  outcomes!: number;

  /** When `status` began. */
  @Column('timestamptz', { default: () => 'now()' })
  status_since!: Date;

  @Column('integer', { default: 0 })
  consecutive_failures!: number;

  @Column('integer', { default: 0 })
  consecutive_successes!: number;

  /** When the next check is due; null while the endpoint is disabled. The truth of the schedule. */
  @Index('idx_endpoint_status_next_check_at')
  @Column('timestamptz', { nullable: true })
  next_check_at!: Date | null;

  /** The newest slot whose result has been applied: an older one changes nothing. */
  @Column('timestamptz', { nullable: true })
  last_slot!: Date | null;

  @Column('timestamptz', { nullable: true })
  last_checked_at!: Date | null;

  @Column('real', { nullable: true })
  last_response_ms!: number | null;

  @Column('text', { nullable: true })
  last_error!: string | null;

  /** When the newest certificate that was seen ends. */
  @Column('timestamptz', { nullable: true })
  certificate_expires_at!: Date | null;
}
