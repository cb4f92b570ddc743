import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { Principal } from '../../common/access.js';
import { pageInfo, type PagingQuery } from '../../common/http/paging.dto.js';
import type {
  ErrorDetailDto,
  ErrorDto,
  ErrorGroupingDto,
  ErrorListDto,
  ErrorOccurrenceDto,
  ErrorOccurrenceListDto,
} from './dto/error.dto.js';
import type { ListErrorsQuery } from './dto/list-errors.dto.js';
import { ErrorGroup } from '../../database/entities/error-group.entity.js';
import { errorNotFound } from './error-not-found.js';
import { decidedBy, explainGrouping } from './grouping/explain-grouping.js';
import { type DetailRow, ERROR_DETAIL, toDetailDto } from './life/detail.sql.js';
import { COUNT_OCCURRENCES, PAGE_OF_OCCURRENCES } from './life/occurrences.sql.js';
import { estimatedRows, EXACT_TOTAL, type Total } from './search/bounded-total.js';
import { ErrorLists } from './search/error-lists.js';
import { orderBy } from './search/list-errors.sql.js';
import { ERROR_COLUMNS, type ErrorRow, toErrorDto } from './stored-error.js';

/** Reads errors for screens and for other modules. */
@Injectable()
export class ErrorsReader {
  constructor(
    private readonly dataSource: DataSource,
    private readonly lists: ErrorLists,
  ) {}

  /** @throws CodedException `VALIDATION_FAILED` for a cursor or a search that cannot be read */
  list(query: ListErrorsQuery, principal?: Principal): Promise<ErrorListDto> {
    return this.lists.list(query, principal);
  }

  /** What selects all errors that a filter lets through, in order, with the columns of the error object. */
  async selected(
    filter: Omit<ListErrorsQuery, keyof PagingQuery | 'cursor'>,
    principal?: Principal,
  ): Promise<{ columns: string[]; times: string[]; lists: string[]; select: string; values: unknown[] }> {
    const { from, where, values } = await this.lists.selection(filter, principal);
    const columns = ERROR_COLUMNS.split(',').map((column) => column.trim());
    const selected = columns.map((column) => `errors.${column}`).join(', ');
    const times = this.dataSource
      .getMetadata(ErrorGroup)
      .columns.filter(({ type }) => type === 'timestamptz');
    return {
      lists: ['environments'],
      times: ['timestamp', ...times.map(({ databaseName }) => databaseName)],
      columns: ['timestamp', ...columns],
      select: `SELECT errors.last_seen AS timestamp, ${selected} FROM ${from} WHERE ${where} ORDER BY ${orderBy(filter.sort)}`,
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
    const where = 'error_id = ANY($1::uuid[])';
    const estimate = await estimatedRows(this.dataSource, {
      from: 'error_occurrences',
      where,
      values: [ids],
    });
    return { total: Math.max(counted, estimate), isEstimate: true };
  }
}
