import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { Role } from '../../common/access.js';

/** A person who signs in. */
@Entity('users')
export class User {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'users_pkey' })
  id!: string;

  /** Lower case. */
  @Column('text', { unique: true })
  email!: string;

  @Column('text')
  name!: string;

  @Column('text')
  role!: Role;

  /** argon2id, in the PHC string format. */
  @Column('text')
  password_hash!: string;

  @Column('timestamptz', { nullable: true })
  last_active_at!: Date | null;

  @Column('timestamptz', { default: () => 'now()' })
  created_at!: Date;
}
