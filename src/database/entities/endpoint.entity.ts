import { Column, Entity, PrimaryColumn } from 'typeorm';

export const ENDPOINT_KINDS = ['http'] as const;
export type EndpointKind = (typeof ENDPOINT_KINDS)[number];

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

  @Column('text', { array: true, default: '{}' })
  tags!: string[];

  /** Whether the public status page may show it. */
  @Column('boolean')
  public!: boolean;

  @Column('boolean')
  enabled!: boolean;

  @Column('timestamptz', { default: () => 'now()' })
  created_at!: Date;

  @Column('timestamptz', { default: () => 'now()' })
  updated_at!: Date;
}
