import { ApiPropertyOptional, PartialType, PickType } from '@nestjs/swagger';
import { IsNotEmpty, IsOptional, IsString, Length, Matches, MaxLength } from 'class-validator';
import { PageInfo } from '../../../common/http/paging.dto.js';

/** A project to make. */
export class CreateProjectDto {
  /**
   * Name that people see.
   * @example "Web shop"
   */
  @IsString()
  @IsNotEmpty()
  @MaxLength(200)
  @Matches(/\S/, { message: 'name must not be blank' })
  name!: string;

  /**
   * What its errors carry as `source`; made of the name when left out.
   * @example "web-shop"
   */
  @IsOptional()
  @IsString()
  @Length(1, 200)
  @Matches(/^[^\s/\p{Cc}]+$/u, { message: 'slug must not contain spaces, slashes or control characters' })
  @Matches(/\D/, { message: 'slug must not be a number: DSNs name projects by their numbers' })
  slug?: string;

  /**
   * Language or runtime: `javascript`, `python`…
   * @example "javascript"
   */
  @ApiPropertyOptional({ type: String, nullable: true })
  @IsOptional()
  @IsString()
  @Length(1, 64)
  platform?: string | null;
}

/** What to change of a project; everything else stays. Its slug does not change: its errors carry it. */
export class ProjectChangesDto extends PartialType(
  PickType(CreateProjectDto, ['name', 'platform'] as const),
) {}

/** A program that reports errors. */
export class ProjectDto {
  /** Id of the project. */
  id!: string;

  /** Name that people see. */
  name!: string;

  /** What its errors carry as `source`. */
  slug!: string;

  /** Language or runtime; null when nobody has said. */
  platform!: string | null;

  /** Its number, with which its DSN ends. */
  number!: number;

  /** What a Sentry SDK is given to report here; null when there is no key that may only report for it. */
  dsn!: string | null;

  /** When it was made, or first reported. */
  created_at!: Date;
}

/** A page of the projects. */
export class ProjectListDto extends PageInfo {
  /** The projects, by name. */
  projects!: ProjectDto[];
}
