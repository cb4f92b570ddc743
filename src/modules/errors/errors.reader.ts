import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { decodeCursor, encodeCursor } from '../../common/http/cursor.js';
import { pageInfo, type PagingQuery } from '../../common/http/paging.dto.js';
import type {
  ErrorDetailDto,
  ErrorDto,
  ErrorGroupingDto,
  ErrorListDto,
  ErrorOccurrenceDto,
  ErrorOccurrenceListDto,
  ErrorSummaryDto,
} from './dto/error.dto.js';
import type { ListErrorsQuery } from './dto/list-errors.dto.js';
import { ErrorGroup } from '../../database/entities/error-group.entity.js';
import { errorNotFound } from './error-not-found.js';
import { decidedBy, explainGrouping } from './grouping/explain-grouping.js';
import { type DetailRow, ERROR_DETAIL, toDetailDto } from './life/detail.sql.js';
import { COUNT_OCCURRENCES, PAGE_OF_OCCURRENCES } from './life/occurrences.sql.js';
import { after, orderBy, type Selection, selectionOf } from './search/list-errors.sql.js';
import { ERROR_COLUMNS, type ErrorRow, STATUS, toErrorDto } from './stored-error.js';

/** Totals are counted up to here; above, the database’s estimate is good enough and costs nothing. */
const EXACT_TOTAL = 10_000;

const SUMMARY_COLUMNS = `id, last_seen AS timestamp, level, message, source, environment, url, fingerprint, ${STATUS}, resolved,
  regressed_at, muted, assigned_to, culprit, platform, count::float8 AS count, first_seen, last_seen`;

interface Total {
  total: number;
  isEstimate: boolean;
}

/** Reads errors for screens and for other modules. */
@Injectable()
export class ErrorsReader {
  constructor(private readonly dataSource: DataSource) {}

  async list(query: ListErrorsQuery): Promise<ErrorListDto> {
    const selection = selectionOf(query);
    const [rows, { total, isEstimate }] = await Promise.all([
      this.pageAndOneMore(selection, query),
      this.total(selection),
    ]);
    const errors = rows.slice(0, query.limit);
    return {
      errors,
      total_is_estimate: isEstimate,
      next_cursor: rows.length > errors.length ? cursorAfter(errors.at(-1)!, query) : null,
      ...pageInfo(total, query),
    };
  }

  /** What selects all errors that a filter lets through, in order, with the columns of the error object. */
  selected({ sort, ...filter }: Omit<ListErrorsQuery, keyof PagingQuery | 'cursor'>): {
    columns: string[];
    times: string[];
    select: string;
    values: unknown[];
  } {
    const { from, where, values } = selectionOf(filter);
    const times = this.dataSource
      .getMetadata(ErrorGroup)
      .columns.filter(({ type }) => type === 'timestamptz');
    return {
      times: ['timestamp', ...times.map(({ databaseName }) => databaseName)],
      columns: ['timestamp', ...ERROR_COLUMNS.split(',').map((column) => column.trim())],
      select: `SELECT last_seen AS timestamp, ${ERROR_COLUMNS} FROM ${from} WHERE ${where} ORDER BY ${orderBy(sort)}`,
      values,
    };
  }

  /** The error; of a merged one the error that it is merged into. @throws CodedException `ERROR_NOT_FOUND` */
  async get(id: string): Promise<ErrorDetailDto> {
    const [row] = await this.dataSource.query<DetailRow[]>(ERROR_DETAIL, [id]);
    if (!row) throw errorNotFound();
    return toDetailDto(row);
  }

  /** Those that exist and are not merged into others, in the order of the ids. */
  async byIds(ids: readonly string[]): Promise<ErrorDto[]> {
    const rows = await this.dataSource.query<ErrorRow[]>(
      `SELECT ${ERROR_COLUMNS} FROM errors WHERE id = ANY($1) AND merged_into IS NULL`,
      [ids],
    );
    const found = new Map(rows.map((row) => [row.id, row]));
    return ids.flatMap((id) => {
      const row = found.get(id);
      return row ? [toErrorDto(row)] : [];
    });
  }

  /** What was opened, came back or was resolved at that time or later, oldest first; the newest when there are more. */
  async changedSince(
    column: 'first_seen' | 'regressed_at' | 'resolved_at',
    since: Date,
    limit: number,
  ): Promise<ErrorDto[]> {
    const rows = await this.dataSource.query<ErrorRow[]>(
      `SELECT * FROM (SELECT ${ERROR_COLUMNS} FROM errors WHERE ${column} >= $1 AND merged_into IS NULL ORDER BY ${column} DESC LIMIT $2) AS newest
       ORDER BY ${column}`,
      [since, limit],
    );
    return rows.map((row) => toErrorDto(row));
  }

  /** @throws CodedException `ERROR_NOT_FOUND` */
  async grouping(id: string): Promise<ErrorGroupingDto> {
    const [row] = await this.dataSource.query<Omit<ErrorGroupingDto, 'decided_by' | 'parts'>[]>(
      'SELECT id, fingerprint, grouping_version AS version, grouping_text AS text FROM errors WHERE id = $1',
      [id],
    );
    if (!row) throw errorNotFound();
    const parts = explainGrouping(row.version, row.text);
    return { ...row, decided_by: decidedBy(parts), parts };
  }

  /** Newest first, with those of the errors that are merged into it. @throws CodedException `ERROR_NOT_FOUND` */
  async occurrences(id: string, query: PagingQuery): Promise<ErrorOccurrenceListDto> {
    // Occurrences expire and the error stays; some outlive an error that was deleted.
    const { id: target, merged } = await this.get(id);
    const ids = [target, ...merged.map((each) => each.id)];
    const [occurrences, [counted]] = await Promise.all([
      this.dataSource.query<ErrorOccurrenceDto[]>(PAGE_OF_OCCURRENCES, [ids, query.limit, query.offset]),
      this.dataSource.query<{ count: number }[]>(COUNT_OCCURRENCES, [ids, EXACT_TOTAL + 1]),
    ]);
    const { total, isEstimate } = await this.totalOfOccurrences(ids, counted!.count);
    return { occurrences, total_is_estimate: isEstimate, ...pageInfo(total, query) };
  }

  private async totalOfOccurrences(ids: readonly string[], counted: number): Promise<Total> {
    if (counted <= EXACT_TOTAL) return { total: counted, isEstimate: false };
    return this.estimate(
      { from: 'error_occurrences', where: 'error_id = ANY($1::uuid[])', values: [ids] },
      counted,
    );
  }

  /** The row too many says that there is another page. */
  private pageAndOneMore(
    selection: Selection,
    { sort, limit, offset, cursor }: ListErrorsQuery,
  ): Promise<ErrorSummaryDto[]> {
    const { from, where, values } =
      cursor === undefined ? selection : after(selection, sort, decodeCursor(cursor, sort));
    const next = values.length + 1;
    return this.dataSource.query<ErrorSummaryDto[]>(
      `SELECT ${SUMMARY_COLUMNS} FROM ${from} WHERE ${where}
       ORDER BY ${orderBy(sort)} LIMIT $${next} OFFSET $${next + 1}`,
      [...values, limit + 1, cursor === undefined ? offset : 0],
    );
  }

  /** Exact up to {@link EXACT_TOTAL}; above, the planner’s estimate: the cost of a list must not grow with what is stored. */
  private async total({ from, where, values }: Selection): Promise<Total> {
    const [row] = await this.dataSource.query<{ count: number }[]>(
      `SELECT count(*)::int AS count FROM (SELECT FROM ${from} WHERE ${where} LIMIT ${EXACT_TOTAL + 1}) AS counted`,
      values,
    );
    const counted = row!.count;
    if (counted <= EXACT_TOTAL) return { total: counted, isEstimate: false };
    return this.estimate({ from, where, values }, counted);
  }

  private async estimate({ from, where, values }: Selection, atLeast: number): Promise<Total> {
    const [plan] = await this.dataSource.query<{ 'QUERY PLAN': [{ Plan: { 'Plan Rows': number } }] }[]>(
      `EXPLAIN (FORMAT JSON) SELECT FROM ${from} WHERE ${where}`,
      values,
    );
    return { total: Math.max(atLeast, plan!['QUERY PLAN'][0].Plan['Plan Rows']), isEstimate: true };
  }
}

function cursorAfter(error: ErrorSummaryDto, { sort }: ListErrorsQuery): string {
  return encodeCursor({
    sort,
    at: sort.endsWith('last_seen') ? error.last_seen : error.first_seen,
    id: error.id,
  });
}
