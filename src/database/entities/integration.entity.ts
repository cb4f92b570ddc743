import { Column, Entity, PrimaryColumn } from 'typeorm';

export const INTEGRATION_HEALTHS = ['healthy', 'unhealthy', 'unknown'] as const;
export type IntegrationHealth = (typeof INTEGRATION_HEALTHS)[number];

/** An outside service that Watchkeep sends through: how it is reached, and what the last probe of it said. */
@Entity('integrations')
export class Integration {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'integrations_pkey' })
  id!: string;

  @Column('text', { unique: true })
  name!: string;

  @Column('text')
  kind!: string;

  @Column('boolean')
  enabled!: boolean;

  /** What may be shown of its settings. */
  @Column('jsonb')
  settings!: Record<string, unknown>;

  /** The rest, sealed as one; null when there is none. */
  @Column('text', { nullable: true })
  secrets_encrypted!: string | null;

  @Column('text', { default: 'unknown' })
  status!: IntegrationHealth;

  @Column('timestamptz', { default: () => 'now()' })
  status_since!: Date;

  @Column('timestamptz', { nullable: true })
  last_checked_at!: Date | null;

  @Column('real', { nullable: true })
  last_response_ms!: number | null;

  @Column('text', { nullable: true })
  last_error!: string | null;

  @Column('timestamptz', { default: () => 'now()' })
  created_at!: Date;

  /** Changes with the configuration, not with probes: a probe of an older one is told by it. */
  @Column('timestamptz', { default: () => 'now()' })
  updated_at!: Date;
}
