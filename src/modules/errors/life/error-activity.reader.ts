import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { pageInfo, type PagingQuery } from '../../../common/http/paging.dto.js';
import { errorNotFound } from '../error-not-found.js';
import type {
  ErrorActivityDto,
  ErrorActivityListDto,
  ErrorCommentDto,
  ErrorCommentListDto,
} from './dto/error-activity.dto.js';

/** The error and all that are merged into it. */
const WHOLE = `(SELECT id FROM errors WHERE id = $1 OR merged_into = $1)`;
const ACTOR = `json_build_object('kind', actor_kind, 'id', actor_id, 'name', actor_name) AS actor`;

/** When an error was seen first is no row: it would cost one for each of millions. */
const ACTIVITIES = `
  SELECT id, error_id, at, kind, actor_kind, actor_id, actor_name, details FROM error_activities WHERE error_id IN ${WHOLE}
  UNION ALL
  SELECT id, id, created_at, 'first_seen', 'watchkeep', NULL, NULL,
    jsonb_strip_nulls(jsonb_build_object('release', first_release))
  FROM errors WHERE id IN ${WHOLE}`;

const COMMENTS = `
  SELECT id, error_id, at, details ->> 'text' AS text, actor_kind, actor_id, actor_name FROM error_activities
  WHERE kind = 'commented' AND error_id IN ${WHOLE}`;

/** What happened to errors and what was said about them, with what happened to those that are merged into them. */
@Injectable()
export class ErrorActivityReader {
  constructor(private readonly dataSource: DataSource) {}

  /** Newest first. @throws CodedException `ERROR_NOT_FOUND` */
  async activity(id: string, query: PagingQuery): Promise<ErrorActivityListDto> {
    const columns = `id, error_id, at, kind, ${ACTOR}, details`;
    const { rows, total } = await this.page<ErrorActivityDto>(id, query, { columns, from: ACTIVITIES });
    return { activities: rows, ...pageInfo(total, query) };
  }

  /** Newest first. @throws CodedException `ERROR_NOT_FOUND` */
  async comments(id: string, query: PagingQuery): Promise<ErrorCommentListDto> {
    const columns = `id, error_id, at, text, ${ACTOR}`;
    const { rows, total } = await this.page<ErrorCommentDto>(id, query, { columns, from: COMMENTS });
    return { comments: rows, ...pageInfo(total, query) };
  }

  /** A comment that has just been made. */
  async comment(id: string): Promise<ErrorCommentDto> {
    const [comment] = await this.dataSource.query<ErrorCommentDto[]>(
      `SELECT id, error_id, at, details ->> 'text' AS text, ${ACTOR} FROM error_activities WHERE id = $1`,
      [id],
    );
    if (!comment) throw errorNotFound();
    return comment;
  }

  private async page<Row>(
    id: string,
    { limit, offset }: PagingQuery,
    { columns, from }: { columns: string; from: string },
  ): Promise<{ rows: Row[]; total: number }> {
    const root = await this.rootOf(id);
    const [rows, [counted]] = await Promise.all([
      this.dataSource.query<Row[]>(
        `SELECT ${columns} FROM (${from}) AS happened ORDER BY at DESC, id DESC LIMIT $2 OFFSET $3`,
        [root, limit, offset],
      ),
      this.dataSource.query<{ total: number }[]>(`SELECT count(*)::int AS total FROM (${from}) AS happened`, [
        root,
      ]),
    ]);
    return { rows, total: counted!.total };
  }

  private async rootOf(id: string): Promise<string> {
    const [row] = await this.dataSource.query<{ root: string }[]>(
      'SELECT coalesce(merged_into, id) AS root FROM errors WHERE id = $1',
      [id],
    );
    if (!row) throw errorNotFound();
    return row.root;
  }
}
