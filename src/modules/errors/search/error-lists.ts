import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { Principal } from '../../../common/access.js';
import { Clock } from '../../../common/clock.js';
import { decodeCursor, encodeCursor } from '../../../common/http/cursor.js';
import { pageInfo, type PagingQuery } from '../../../common/http/paging.dto.js';
import type { ErrorListDto, ErrorSummaryDto, ListedErrorDto } from '../dto/error.dto.js';
import type { ListErrorsQuery } from '../dto/list-errors.dto.js';
import { FiguresReader, type ListedFigures } from '../figures/figures.reader.js';
import { STATUS } from '../stored-error.js';
import { boundedTotal } from './bounded-total.js';
import type { Selection } from './conditions.js';
import { ErrorSearch } from './error-search.js';
import { after, orderBy, positionOf, sortBy } from './list-errors.sql.js';
import { readPage } from './read-page.js';

const SUMMARY_COLUMNS = `errors.id, errors.last_seen AS timestamp, errors.level, errors.message, errors.source,
  errors.environment, errors.url, errors.fingerprint, ${STATUS}, errors.resolved, errors.regressed_at, errors.muted,
  errors.assigned_to, errors.culprit, errors.platform, errors.first_release, errors.newest_release,
  errors.count::float8 AS count, errors.first_seen, errors.last_seen`;

/** From here on rows are skipped without what a page shows of them: a quarter of the time. */
const FAR = 1_000;

interface ListedRow extends ErrorSummaryDto {
  /** What the cursor behind this row holds. */
  position: Date | number;
}

/** Pages of errors. */
@Injectable()
export class ErrorLists {
  private readonly search: ErrorSearch;
  private readonly figures: FiguresReader;

  constructor(
    private readonly dataSource: DataSource,
    clock: Clock,
  ) {
    this.search = new ErrorSearch(dataSource, clock);
    this.figures = new FiguresReader(dataSource, clock);
  }

  /** @throws CodedException `VALIDATION_FAILED` for a cursor or a search that cannot be read */
  async list(query: ListErrorsQuery, principal?: Principal): Promise<ErrorListDto> {
    const selection = await this.selection(query, principal);
    const [{ errors, next_cursor }, { total, isEstimate }] = await Promise.all([
      this.page(selection, query),
      boundedTotal(this.dataSource, selection),
    ]);
    return { errors, total_is_estimate: isEstimate, next_cursor, ...pageInfo(total, query) };
  }

  /** The rows that a filter and its search let through, joined with what its order needs. */
  selection(
    filter: Omit<ListErrorsQuery, keyof PagingQuery | 'cursor'>,
    principal?: Principal,
  ): Promise<Selection> {
    return this.search.selection(filter, principal);
  }

  private async page(
    selection: Selection,
    query: ListErrorsQuery,
  ): Promise<Pick<ErrorListDto, 'errors' | 'next_cursor'>> {
    const rows = await this.pageAndOneMore(selection, query);
    const page = rows.slice(0, query.limit);
    const figures = await this.figures.ofAll(page.map(({ id }) => id));
    const last = page.at(-1);
    return {
      errors: page.map((row) => listed(row, figures.get(row.id)!)),
      next_cursor:
        last && rows.length > page.length
          ? encodeCursor({ sort: query.sort, at: last.position, id: last.id })
          : null,
    };
  }

  /** The row too many says that there is another page. */
  private pageAndOneMore(
    selection: Selection,
    { sort, limit, offset, cursor, query, search }: ListErrorsQuery,
  ): Promise<ListedRow[]> {
    const { from, where, values } =
      cursor === undefined ? selection : after(selection, sort, decodeCursor(cursor, sort));
    const next = values.length + 1;
    const skipped = cursor === undefined ? offset : 0;
    const columns = `${SUMMARY_COLUMNS}, ${positionOf(sort)} AS position`;
    return readPage<ListedRow>(
      this.dataSource,
      (order) => {
        const page = `FROM ${from} WHERE ${where} ORDER BY ${order} LIMIT $${next} OFFSET $${next + 1}`;
        return skipped < FAR
          ? `SELECT ${columns} ${page}`
          : `SELECT ${columns} FROM ${from} WHERE errors.id = ANY(ARRAY(SELECT errors.id ${page})) ORDER BY ${order}`;
      },
      [...values, limit + 1, skipped],
      query === undefined && search === undefined ? [orderBy(sort)] : [orderBy(sort), sortBy(sort)],
    );
  }
}

function listed({ position: _position, ...error }: ListedRow, figures: ListedFigures): ListedErrorDto {
  return { ...error, ...figures };
}
