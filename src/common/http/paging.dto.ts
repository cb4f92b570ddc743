import { Type } from 'class-transformer';
import { IsInt, IsOptional, Max, Min } from 'class-validator';

/** Which part of a list is asked for. */
export class PagingQuery {
  /** How many rows to return. */
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(100)
  limit: number = 50;

  /** How many rows to skip. */
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(0)
  @Max(1_000_000)
  offset: number = 0;
}

/** Where in a list an answer stands. */
export class PageInfo {
  /** Rows in the whole list. */
  total!: number;

  /** Which page this is, from 1. */
  page!: number;

  /** Most rows on a page. */
  limit!: number;
}

export function pageInfo(total: number, query: PagingQuery): PageInfo {
  return { total, page: Math.floor(query.offset / query.limit) + 1, limit: query.limit };
}
