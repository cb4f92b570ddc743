import { ApiProperty } from '@nestjs/swagger';
import { IsEmail, IsIP, IsString, MaxLength, MinLength } from 'class-validator';
import { IfGiven } from '../../../common/http/if-given.js';
import { ERASURE_STATUSES, type ErasureStatus } from '../../../database/entities/privacy-erasure.entity.js';

/** Whom to erase: at least one of these, the more the better. */
export class EraseDto {
  /**
   * The id under which your programs report the user. Shorter than six characters, it is looked for only where a user
   * is named, because inside texts it may mean anything.
   * @example "u-48151623"
   */
  @IfGiven()
  @IsString()
  @MinLength(1)
  @MaxLength(200)
  id?: string;

  /**
   * E-mail address.
   * @example "bob@example.com"
   */
  @IfGiven()
  @IsEmail()
  @MaxLength(320)
  email?: string;

  /**
   * User name; what holds for a short id holds for a short name.
   * @example "bob.builder"
   */
  @IfGiven()
  @IsString()
  @MinLength(1)
  @MaxLength(200)
  username?: string;

  /**
   * Address, IPv4 or IPv6.
   * @example "203.0.113.7"
   */
  @IfGiven()
  @IsIP()
  ip_address?: string;
}

/** The erasing of a person, without saying who it is. */
export class ErasureDto {
  /** Its id. */
  id!: string;

  /** Whether it is waiting for a worker, under way, or done. */
  @ApiProperty({ enum: ERASURE_STATUSES })
  status!: ErasureStatus;

  /**
   * Who asked: `user` or `api_key`, and the id.
   * @example "user 0199c2f0-5b8e-7c4e-9d7a-0f1e2d3c4b5a"
   */
  requested_by!: string;

  /** When. */
  requested_at!: Date;

  /** When a worker began; null before. */
  started_at!: Date | null;

  /** When nothing of the person was left; null before. */
  finished_at!: Date | null;

  /** Tables and partitions to look through; null before a worker has begun. */
  tables!: number | null;

  /** Those that have been looked through. */
  tables_done!: number;

  /** Occurrences that were changed so far. They are still there, and still count. */
  occurrences_changed!: number;

  /** Errors (groups) that were changed so far. */
  groups_changed!: number;

  /** Other rows that were changed so far: tags, figures, comments, incidents. */
  other_rows_changed!: number;
}
