import { Column, Entity, Index, JoinColumn, ManyToOne, PrimaryColumn } from 'typeorm';
import { Incident, type IncidentStatus } from './incident.entity.js';

/** An entry of an incident’s timeline. */
@Entity('incident_updates')
@Index('idx_incident_updates_incident_id_at', ['incident_id', 'at'])
export class IncidentUpdate {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'incident_updates_pkey' })
  id!: string;

  @Column('uuid')
  incident_id!: string;

  @ManyToOne(() => Incident, { onDelete: 'CASCADE' })
  @JoinColumn({ name: 'incident_id', foreignKeyConstraintName: 'incident_updates_incident_id_fkey' })
  incident!: Incident;

  /** What the incident’s status was from here on. */
  @Column('text')
  status!: IncidentStatus;

  @Column('text')
  body!: string;

  /** Whether the public status page may show it. */
  @Column('boolean')
  public!: boolean;

  /** Name of whoever wrote it; null for Watchkeep itself. */
  @Column('text', { nullable: true })
  author!: string | null;

  @Column('timestamptz')
  at!: Date;
}
