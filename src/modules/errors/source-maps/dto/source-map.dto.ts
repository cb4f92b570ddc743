import { IsOptional, IsString, MaxLength, MinLength } from 'class-validator';
import { PageInfo, PagingQuery } from '../../../../common/http/paging.dto.js';

/** Which source maps are asked for. */
export class ListSourceMapsQuery extends PagingQuery {
  /** Only those of this program. */
  @IsOptional()
  @IsString()
  @MaxLength(200)
  source?: string;

  /** Only those of this version. */
  @IsOptional()
  @IsString()
  @MaxLength(200)
  release?: string;
}

/** Which source maps are to be deleted. */
export class DeleteSourceMapsQuery {
  /** The program. */
  @IsString()
  @MinLength(1)
  @MaxLength(200)
  source!: string;

  /** Its version. */
  @IsString()
  @MinLength(1)
  @MaxLength(200)
  release!: string;
}

/** A source map: how one script of a release was made. */
export class SourceMapDto {
  /** Id of the source map. */
  id!: string;

  /**
   * The program.
   * @example "web"
   */
  source!: string;

  /**
   * Its version.
   * @example "1.2.3"
   */
  release!: string;

  /** Which of several builds of the version; empty when there is one. */
  dist!: string;

  /**
   * Path of the script on any host.
   * @example "~/static/app.min.js"
   */
  path!: string;

  /** What the bundler wrote into script and map, so that they find each other whatever they are called. */
  debug_id!: string | null;

  /** Size of the map in bytes. */
  size!: number;

  /** Bytes that it takes here. */
  stored_size!: number;

  /** When it was uploaded. */
  created_at!: Date;

  /** When it was last needed, to a day. Maps that nothing has needed for 90 days are deleted. */
  used_at!: Date;
}

/** A page of the source maps. */
export class SourceMapListDto extends PageInfo {
  /** The source maps of this page, newest first. */
  source_maps!: SourceMapDto[];
}

/** How many source maps were deleted. */
export class DeletedSourceMapsDto {
  /** Their number. */
  deleted!: number;
}
