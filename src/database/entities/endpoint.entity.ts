import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

export const ENDPOINT_KINDS = [
  'http',
  'tcp',
  'tls',
  'dns',
  'ping',
  'smtp',
  'websocket',
  'postgres',
  'redis',
  'grpc',
  'push',
] as const;
export type EndpointKind = (typeof ENDPOINT_KINDS)[number];

/** How many regions must find an endpoint down before it is. */
export const QUORUMS = ['any', 'majority', 'all'] as const;
export type Quorum = (typeof QUORUMS)[number];

/** Something that is watched: what a person configured. What was seen of it is in {@link EndpointStatus}. */
@Entity('endpoints')
export class Endpoint {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'endpoints_pkey' })
  id!: string;

  @Column('text', { unique: true })
  name!: string;

  @Column('text', { nullable: true })
  group_name!: string | null;

  @Column('text')
  kind!: EndpointKind;

  @Column('text')
  url!: string;

  @Column('text')
  method!: string;

  /** JSON of the request headers, encrypted: they may hold credentials. Null when there are none. */
  @Column('text', { nullable: true })
  headers_encrypted!: string | null;

  @Column('text', { nullable: true })
  body!: string | null;

  /** JSON of the credentials, encrypted. */
  @Column('text', { nullable: true })
  auth_encrypted!: string | null;

  @Column('integer')
  interval_ms!: number;

  @Column('integer')
  timeout_ms!: number;

  /** Codes and ranges: `200`, `200-299`. */
  @Column('text', { array: true })
  expected_status_codes!: string[];

  /** Quick repeats, `retry_interval_ms` apart, before a failure is believed. */
  @Column('smallint')
  retries!: number;

  @Column('integer')
  retry_interval_ms!: number;

  /** Failed checks in a row that make an outage. */
  @Column('smallint')
  failure_threshold!: number;

  /** Good checks in a row that end one. */
  @Column('smallint')
  recovery_threshold!: number;

  /** Slower answers than this make it degraded. */
  @Column('integer', { nullable: true })
  degraded_threshold_ms!: number | null;

  /** How many redirects are followed. */
  @Column('smallint')
  follow_redirects!: number;

  @Column('boolean')
  verify_tls!: boolean;

  /** Settings that only its kind has; see the kind’s checker for their shape. */
  @Column('jsonb', { default: '{}' })
  options!: Record<string, unknown>;

  /** JSON of those among them that are secret, encrypted. */
  @Column('text', { nullable: true })
  secret_options_encrypted!: string | null;

  /** Conditions on the answer; see checkers/assertions.ts. */
  @Column('jsonb', { default: '[]' })
  assertions!: unknown[];

  /** Regions that it is checked from; empty: wherever a worker is free. */
  @Column('text', { array: true, default: '{}' })
  regions!: string[];

  @Column('text', { default: 'majority' })
  quorum!: Quorum;

  /** Ids of endpoints that this one cannot work without. */
  @Column('uuid', { array: true, default: '{}' })
  depends_on!: string[];

  /** SHA-256 of the token in the address that a push endpoint is reported to. */
  @Index('idx_endpoints_push_token_hash', { unique: true })
  @Column('bytea', { nullable: true })
  push_token_hash!: Buffer | null;

  @Column('text', { array: true, default: '{}' })
  tags!: string[];

  /** Whether the public status page may show it. */
  @Column('boolean')
  public!: boolean;

  @Column('boolean')
  enabled!: boolean;

  /** Name of the configuration that it comes from; null for one made by hand. */
  @Column('text', { nullable: true })
  managed_by!: string | null;

  @Column('timestamptz', { default: () => 'now()' })
  created_at!: Date;

  @Column('timestamptz', { default: () => 'now()' })
  updated_at!: Date;
}
