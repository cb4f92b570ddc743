import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { Principal } from '../../../common/access.js';
import { Clock } from '../../../common/clock.js';
import type { ErrorSort } from '../dto/list-errors.dto.js';
import { type Condition, opposite, type Selection } from './conditions.js';
import { type ErrorFilter, selectionOf } from './list-errors.sql.js';
import { fieldCondition, textCondition } from './search-fields.js';
import { SearchLookups } from './search-lookups.js';
import { parseSearch, type SearchTerm } from './search-syntax.js';

/** Makes of a filter and a search what a statement selects from. */
@Injectable()
export class ErrorSearch {
  private readonly lookups: SearchLookups;

  constructor(
    dataSource: DataSource,
    private readonly clock: Clock,
  ) {
    this.lookups = new SearchLookups(dataSource);
  }

  /** @throws CodedException `VALIDATION_FAILED` that names the column of a search that cannot be read */
  async selection(
    filter: ErrorFilter & { query?: string; sort?: ErrorSort },
    principal?: Principal,
  ): Promise<Selection> {
    const terms = parseSearch(filter.query ?? '');
    const words = terms.flatMap((term) => (term.kind === 'text' && !term.isNegated ? term.text : []));
    const rest = terms.filter((term) => term.kind === 'filter' || term.isNegated);
    const conditions = await Promise.all(rest.map((term) => this.condition(term, principal)));
    return selectionOf(filter, filter.sort, conditions, words);
  }

  private async condition(term: SearchTerm, principal: Principal | undefined): Promise<Condition> {
    const positive =
      term.kind === 'text'
        ? textCondition(term.text)
        : await fieldCondition(term, {
            now: this.clock.now(),
            userId: principal?.kind === 'user' ? principal.id : undefined,
            lookups: this.lookups,
          });
    return term.isNegated ? opposite(positive) : positive;
  }
}
