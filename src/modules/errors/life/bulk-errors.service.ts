import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { Principal } from '../../../common/access.js';
import { chunks } from '../../../common/chunks.js';
import { Clock } from '../../../common/clock.js';
import { invalidField } from '../../../common/coded-exception.js';
import { ErrorSearch } from '../search/error-search.js';
import { actionOf, refuseForeignOptions } from './action-of.js';
import { actorOf } from './actor.js';
import { pendingFor } from './change-errors.sql.js';
import type { BulkErrorsDto, BulkErrorsResultDto, ErrorFilterDto } from './dto/bulk-errors.dto.js';
import type { ErrorAction } from './error-action.js';
import { ErrorDeletion } from './error-deletion.service.js';
import { ErrorStates } from './error-states.service.js';

/** Errors that one request by filter changes, and for how long it goes on: somebody waits for the answer. */
const MAX_MATCHED = 10_000;
const MAX_MS = 10_000;
/** Errors a transaction: reports of the same errors wait for it. */
const CHUNK = 250;
const DELETE_CHUNK = 50;

interface Work {
  /** Does it to these, in one transaction; answers how many it made a difference to. */
  apply: (ids: readonly string[]) => Promise<number>;
  chunk: number;
  /** Undefined for all that match. */
  pending?: ErrorAction;
}

/** The same for many errors at once. To send it twice changes nothing. */
@Injectable()
export class BulkErrors {
  private readonly search: ErrorSearch;

  constructor(
    private readonly dataSource: DataSource,
    private readonly states: ErrorStates,
    private readonly deletion: ErrorDeletion,
    private readonly clock: Clock,
  ) {
    this.search = new ErrorSearch(dataSource, clock);
  }

  async run(request: BulkErrorsDto, by: Principal): Promise<BulkErrorsResultDto> {
    const { ids, filter } = request;
    const work = this.workOf(request, by);
    if (ids && filter) throw invalidField('filter', 'cannot be given together with ids');
    if (ids) return { ...(await this.byIds(ids, work)), more: false };
    if (request.action === 'delete' && !hasAny(filter!))
      throw invalidField('filter', 'must name something to delete');
    return { ...(await this.byFilter(filter!, work, by)), not_found: [] };
  }

  private workOf(request: BulkErrorsDto, by: Principal): Work {
    if (request.action === 'delete') {
      refuseForeignOptions('delete', request);
      return { apply: (ids) => this.deletion.deleteAll(ids), chunk: DELETE_CHUNK };
    }
    const action = actionOf(request.action, request, { by, now: this.clock.now() });
    const actor = actorOf(by);
    return {
      apply: (ids) => this.states.changeAll(ids, action, actor),
      chunk: CHUNK,
      pending: action,
    };
  }

  private async byIds(
    ids: readonly string[],
    { apply, chunk, pending }: Work,
  ): Promise<Omit<BulkErrorsResultDto, 'more'>> {
    const rows = await this.dataSource.query<{ id: string }[]>(
      `SELECT id FROM errors WHERE id = ANY($1::uuid[]) ${pending ? '' : 'AND merged_into IS NULL'}`,
      [ids],
    );
    const found = new Set(rows.map(({ id }) => id));
    let changed = 0;
    for (const part of chunks([...found], chunk)) changed += await apply(part);
    return { changed, not_found: [...new Set(ids)].filter((id) => !found.has(id.toLowerCase())) };
  }

  private async byFilter(
    filter: ErrorFilterDto,
    { apply, chunk, pending }: Work,
    by: Principal,
  ): Promise<Omit<BulkErrorsResultDto, 'not_found'>> {
    const matching = await this.matching(filter, pending, by);
    const deadline = performance.now() + MAX_MS;
    let changed = 0;
    let done = 0;
    for (const part of chunks(matching.slice(0, MAX_MATCHED), chunk)) {
      if (performance.now() > deadline) break;
      changed += await apply(part);
      done += part.length;
    }
    return { changed, more: done < matching.length };
  }

  /** One more than may be changed says that there are more. */
  private async matching(
    filter: ErrorFilterDto,
    pending: ErrorAction | undefined,
    by: Principal,
  ): Promise<string[]> {
    const { from, where, values } = await this.search.selection(filter, by);
    const still = pending ? pendingFor(pending, values.length + 1) : { where: 'true', values: [] };
    const rows = await this.dataSource.query<{ id: string }[]>(
      `SELECT id FROM ${from} WHERE ${where} AND merged_into IS NULL AND ${still.where} LIMIT ${MAX_MATCHED + 1}`,
      [...values, ...still.values],
    );
    return rows.map(({ id }) => id);
  }
}

function hasAny(filter: ErrorFilterDto): boolean {
  return Object.values(filter).some((value) => value !== undefined && !/^\s*$/.test(String(value)));
}
