import { ApiProperty } from '@nestjs/swagger';
import { IsString, Length } from 'class-validator';
import { PageInfo } from '../../../../common/http/paging.dto.js';
import {
  ACTOR_KINDS,
  type ActorKind,
  ERROR_ACTIVITY_KINDS,
  type ErrorActivityKind,
} from '../../../../database/entities/error-activity.entity.js';

/** Who did something. */
export class ErrorActorDto {
  /** A signed-in user, an API key, or Watchkeep by itself. */
  @ApiProperty({ enum: ACTOR_KINDS })
  kind!: ActorKind;

  /** Id of the user or key; null for Watchkeep. */
  @ApiProperty({ type: String, nullable: true })
  id!: string | null;

  /** Name of the user or key as it was then; null for Watchkeep. */
  @ApiProperty({ type: String, nullable: true })
  name!: string | null;
}

/** One thing that happened to an error. */
export class ErrorActivityDto {
  /** Id of the entry. */
  id!: string;

  /** Id of the error that it happened to: this one, or one that is merged into it. */
  error_id!: string;

  /** When it happened. */
  at!: Date;

  /** What happened. */
  @ApiProperty({ enum: ERROR_ACTIVITY_KINDS })
  kind!: ErrorActivityKind;

  /** Who did it. */
  actor!: ErrorActorDto;

  /**
   * What there is to add. `resolved`: `in`. `regressed`: `release`. `muted`: `until`, `count`, `rate`. `unmuted` by itself:
   * `because` (`time`, `count` or `rate`). `assigned`: `assignee`. `commented`: `text`. `merged` and `unmerged`: `ids`.
   * `first_seen`: `release`.
   */
  @ApiProperty({ type: 'object', additionalProperties: true })
  details!: Record<string, unknown>;
}

/** A page of what happened to an error. */
export class ErrorActivityListDto extends PageInfo {
  /** The entries of this page, newest first. */
  activities!: ErrorActivityDto[];
}

/** Something to say about an error. */
export class AddErrorCommentDto {
  /**
   * What there is to say: 1 to 10,000 characters.
   * @example "Fixed by raising the pool size; see #1234."
   */
  @IsString()
  @Length(1, 10_000)
  text!: string;
}

/** What somebody said about an error. */
export class ErrorCommentDto {
  /** Id of the comment. */
  id!: string;

  /** Id of the error that it is about: this one, or one that is merged into it. */
  error_id!: string;

  /** When it was said. */
  at!: Date;

  /** What was said. */
  text!: string;

  /** Who said it. */
  actor!: ErrorActorDto;
}

/** A page of comments. */
export class ErrorCommentListDto extends PageInfo {
  /** The comments of this page, newest first. */
  comments!: ErrorCommentDto[];
}
