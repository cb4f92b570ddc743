import { Entity, Index, JoinColumn, ManyToOne, PrimaryColumn } from 'typeorm';
import { Endpoint } from './endpoint.entity.js';
import { Incident } from './incident.entity.js';

/** An endpoint that an incident concerns. */
@Entity('incident_endpoints')
export class IncidentEndpoint {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'incident_endpoints_pkey' })
  incident_id!: string;

  @ManyToOne(() => Incident, { onDelete: 'CASCADE' })
  @JoinColumn({ name: 'incident_id', foreignKeyConstraintName: 'incident_endpoints_incident_id_fkey' })
  incident!: Incident;

  @Index('idx_incident_endpoints_endpoint_id')
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'incident_endpoints_pkey' })
  endpoint_id!: string;

  @ManyToOne(() => Endpoint, { onDelete: 'CASCADE' })
  @JoinColumn({ name: 'endpoint_id', foreignKeyConstraintName: 'incident_endpoints_endpoint_id_fkey' })
  endpoint!: Endpoint;
}
