import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { KeyPermission } from '../../common/access.js';

/** A key that programs present. Only its SHA-256 is stored. */
@Entity('api_keys')
export class ApiKey {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'api_keys_pkey' })
  id!: string;

  @Column('text')
  name!: string;

  @Column('bytea', { unique: true })
  key_hash!: Buffer;

  /** What is shown in lists: `wk_live_****7890`. */
  @Column('text')
  key_preview!: string;

  @Column('text', { array: true })
  permissions!: KeyPermission[];

  /** Sources that the key may report for; empty means any. */
  @Column('text', { array: true, default: '{}' })
  sources!: string[];

  @Column('timestamptz', { nullable: true })
  expires_at!: Date | null;

  /** Exact to the minute, so that use costs no write a request. */
  @Column('timestamptz', { nullable: true })
  last_used_at!: Date | null;

  @Column('timestamptz', { default: () => 'now()' })
  created_at!: Date;

  /** 32 hex digits that stand in a DSN. No secret: it may only report. Null for keys without the permission `ingest`. */
  @Column('text', { nullable: true, unique: true })
  public_key!: string | null;

  /** Errors that the key may report a minute; null for the instance’s limit, 0 for none. */
  @Column('integer', { nullable: true })
  errors_per_minute!: number | null;
}
