import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';

import { Clock } from '../../common/clock.js';
import { Bus } from '../../realtime/bus.js';
import { errorNotFound } from './error-not-found.js';

/**
 * The newest 10,000 at most: millions would take longer than a statement may. Of the error that is gone nobody can ask for
 * the others; they go with their day’s partition, the oldest first. The same error gets another id when it comes back.
 */
const DELETE_OCCURRENCES = `
  DELETE FROM error_occurrences WHERE error_id = $1 AND received_at >= coalesce(
    (SELECT received_at FROM error_occurrences WHERE error_id = $1 ORDER BY received_at DESC OFFSET 9999 LIMIT 1),
    '-infinity')`;

/** What people do to errors. */
@Injectable()
export class ErrorsService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly bus: Bus,
    private readonly clock: Clock,
  ) {}

  /** Declares an error solved. Doing so twice changes nothing. @throws CodedException `ERROR_NOT_FOUND` */
  async resolve(id: string): Promise<void> {
    const changed = await this.setResolved(id, true);
    if (changed) void this.bus.publish('errors.resolved', { ids: [id] });
  }

  /** Opens an error again by hand; that is no regression. @throws CodedException `ERROR_NOT_FOUND` */
  async unresolve(id: string): Promise<void> {
    const changed = await this.setResolved(id, false);
    if (changed) void this.bus.publish('errors.updated', { ids: [id] });
  }

  /**
   * Removes an error with its occurrences. The error goes first: it is locked by whoever counts it,
   * so an occurrence that is being stored is seen by the second statement.
   * @throws CodedException `ERROR_NOT_FOUND`
   */
  async delete(id: string): Promise<void> {
    await this.dataSource.transaction(async (manager) => {
      const [, deleted] = await manager.query<[unknown[], number]>('DELETE FROM errors WHERE id = $1', [id]);
      if (deleted === 0) throw errorNotFound();
      await manager.query(DELETE_OCCURRENCES, [id]);
    });
    void this.bus.publish('errors.updated', { ids: [id] });
  }

  /** Answers whether anything changed. */
  private async setResolved(id: string, resolved: boolean): Promise<boolean> {
    const now = this.clock.now();
    const [, changed] = await this.dataSource.query<[unknown[], number]>(
      'UPDATE errors SET resolved = $2, resolved_at = $3, updated_at = $4 WHERE id = $1 AND resolved <> $2',
      [id, resolved, resolved ? now : null, now],
    );
    if (changed > 0) return true;
    const rows = await this.dataSource.query<unknown[]>('SELECT FROM errors WHERE id = $1', [id]);
    if (rows.length === 0) throw errorNotFound();
    return false;
  }
}
