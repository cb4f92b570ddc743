import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { chunks } from '../../../common/chunks.js';
import { Clock } from '../../../common/clock.js';
import { invalidField } from '../../../common/coded-exception.js';
import { isForeignKeyViolation } from '../../../common/database-failure.js';
import { Bus } from '../../../realtime/bus.js';
import { MAX_IDS } from '../../../realtime/events.js';
import { errorNotFound } from '../error-not-found.js';
import type { Actor } from './actor.js';
import { changeErrors } from './change-errors.sql.js';
import type { ErrorAction } from './error-action.js';

/** An error that is merged away between finding and locking it is looked for again, so often. */
const ATTEMPTS = 3;

interface Changed {
  id: string;
  is_changed: boolean;
}

/** What people do to errors. To do it twice changes nothing. */
@Injectable()
export class ErrorStates {
  constructor(
    private readonly dataSource: DataSource,
    private readonly bus: Bus,
    private readonly clock: Clock,
  ) {}

  /** Answers whether it made a difference. @throws CodedException `ERROR_NOT_FOUND` */
  async change(id: string, action: ErrorAction, by: Actor): Promise<boolean> {
    for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
      const [row] = await this.store([id], action, by);
      if (row) return row.is_changed;
    }
    throw errorNotFound();
  }

  /** In one transaction. Answers how many it made a difference to. */
  async changeAll(ids: readonly string[], action: ErrorAction, by: Actor): Promise<number> {
    const rows = await this.store(ids, action, by);
    return rows.filter(({ is_changed }) => is_changed).length;
  }

  private async store(ids: readonly string[], action: ErrorAction, by: Actor): Promise<Changed[]> {
    const { text, values } = changeErrors(ids, action, { by, now: this.clock.now() });
    const rows = await this.dataSource.query<Changed[]>(text, values).catch(explain);
    const changed = rows.filter(({ is_changed }) => is_changed).map(({ id }) => id);
    const event = action.action === 'resolve' ? 'errors.resolved' : 'errors.updated';
    for (const part of chunks(changed, MAX_IDS)) void this.bus.publish(event, { ids: part });
    return rows;
  }
}

/** The one thing that a change names and that may not exist. */
function explain(error: unknown): never {
  if (isForeignKeyViolation(error)) throw invalidField('assignee', 'is nobody who signs in here');
  throw error;
}
