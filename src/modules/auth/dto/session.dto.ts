import { IsEmail, IsNotEmpty, IsString, MaxLength, MinLength } from 'class-validator';
import type { Role } from '../../../common/access.js';
import type { Session } from '../../../database/entities/session.entity.js';
import type { User } from '../../../database/entities/user.entity.js';

/** What a person signs in with. */
export class LoginDto {
  /** E-mail address of the account. */
  @IsString()
  @IsNotEmpty()
  @MaxLength(320)
  email!: string;

  /** Password of the account. */
  @IsString()
  @IsNotEmpty()
  @MaxLength(1000)
  password!: string;
}

/** The owner’s account, and the token of the one-time link. */
export class ClaimDto {
  /** Token of the set-up link. */
  @IsString()
  @IsNotEmpty()
  @MaxLength(200)
  token!: string;

  /** What to call the owner. */
  @IsString()
  @IsNotEmpty()
  @MaxLength(100)
  name!: string;

  /** Address to sign in with. */
  @IsEmail()
  @MaxLength(320)
  email!: string;

  /** At least 12 characters. */
  @IsString()
  @MinLength(12)
  @MaxLength(1000)
  password!: string;
}

/** A person with an account here. */
export class ProfileDto {
  /** Id of the user. */
  id!: string;

  /** Name of the user. */
  name!: string;

  /** E-mail address of the user. */
  email!: string;

  /** Role of the user. */
  role!: Role;

  static from({ id, name, email, role }: User): ProfileDto {
    return { id, name, email, role };
  }
}

/** One signed-in browser. */
export class SessionDto {
  /** Id of the session. */
  id!: string;

  /** Browser that it was opened with. */
  user_agent!: string | null;

  /** Address that it was opened from. */
  ip_address!: string | null;

  /** When it was opened. */
  created_at!: Date;

  /** When it ends by itself. */
  expires_at!: Date;

  /** Whether it is the one that asks. */
  current!: boolean;

  static from(session: Session, currentId: string | undefined): SessionDto {
    const { id, user_agent, ip_address, created_at, expires_at } = session;
    return { id, user_agent, ip_address, created_at, expires_at, current: id === currentId };
  }
}

/** The sessions of the user who asks. */
export class SessionListDto {
  /** Newest first. */
  sessions!: SessionDto[];
}
