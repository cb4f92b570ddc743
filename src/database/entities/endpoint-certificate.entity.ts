import { Column, Entity, Index, JoinColumn, OneToOne, PrimaryColumn } from 'typeorm';
import { Endpoint } from './endpoint.entity.js';

/** One certificate of a chain. Times in ISO 8601. */
export interface CertificateLink {
  subject: string;
  issuer: string;
  valid_to: string;
}

/** The newest certificate that an endpoint has shown. Written when it changes. */
@Entity('endpoint_certificates')
export class EndpointCertificate {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'endpoint_certificates_pkey' })
  endpoint_id!: string;

  @OneToOne(() => Endpoint, { onDelete: 'CASCADE' })
  @JoinColumn({ name: 'endpoint_id', foreignKeyConstraintName: 'endpoint_certificates_endpoint_id_fkey' })
  endpoint!: Endpoint;

  /** SHA-256 of the certificate, in hex with colons. */
  @Column('text')
  fingerprint!: string;

  @Column('text')
  subject!: string;

  @Column('text')
  issuer!: string;

  /** Host names and addresses that it is for. */
  @Column('text', { array: true, default: '{}' })
  names!: string[];

  @Column('timestamptz')
  valid_from!: Date;

  @Index('idx_endpoint_certificates_valid_to')
  @Column('timestamptz')
  valid_to!: Date;

  /** Whether this machine trusts it for the host that was asked. */
  @Column('boolean')
  trusted!: boolean;

  /** Why not. */
  @Column('text', { nullable: true })
  problem!: string | null;

  /** Its issuers, the nearest first. */
  @Column('jsonb', { default: '[]' })
  chain!: CertificateLink[];

  @Column('timestamptz')
  seen_at!: Date;
}
