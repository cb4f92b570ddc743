import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

export const INCIDENT_SEVERITIES = ['critical', 'major', 'minor'] as const;
export type IncidentSeverity = (typeof INCIDENT_SEVERITIES)[number];

export const INCIDENT_STATUSES = ['investigating', 'identified', 'monitoring', 'resolved'] as const;
export type IncidentStatus = (typeof INCIDENT_STATUSES)[number];

/** Who opens incidents: a person or program over the API, or Watchkeep about itself. */
export const INCIDENT_SOURCES = ['manual', 'self'] as const;
export type IncidentSource = (typeof INCIDENT_SOURCES)[number];

/** Something that is wrong and that people deal with. */
@Entity('incidents')
@Index('idx_incidents_open', ['started_at'], { where: 'resolved_at IS NULL' })
@Index('idx_incidents_dedupe_key', ['dedupe_key'], { unique: true, where: 'resolved_at IS NULL' })
export class Incident {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'incidents_pkey' })
  id!: string;

  @Column('text')
  title!: string;

  @Column('text', { default: '' })
  description!: string;

  @Column('text')
  severity!: IncidentSeverity;

  @Column('text')
  status!: IncidentStatus;

  @Column('text')
  source!: IncidentSource;

  /** What it is about, for those who open incidents by themselves: one open incident a key. */
  @Column('text', { nullable: true })
  dedupe_key!: string | null;

  @Column('text', { nullable: true })
  assigned_to!: string | null;

  /** How many endpoints it concerned, also those that are gone. */
  @Column('integer', { default: 0 })
  affected_count!: number;

  @Index('idx_incidents_started_at')
  @Column('timestamptz')
  started_at!: Date;

  /** Set exactly while `status` is `resolved`. */
  @Column('timestamptz', { nullable: true })
  resolved_at!: Date | null;

  @Column('timestamptz', { default: () => 'now()' })
  created_at!: Date;

  @Index('idx_incidents_updated_at')
  @Column('timestamptz', { default: () => 'now()' })
  updated_at!: Date;
}
