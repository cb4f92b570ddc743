import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { v7 } from 'uuid';
import type { Principal } from '../../../common/access.js';
import { Clock } from '../../../common/clock.js';
import { CodedException } from '../../../common/coded-exception.js';
import { Bus } from '../../../realtime/bus.js';
import { errorNotFound } from '../error-not-found.js';

interface Author {
  actor_kind: string;
  actor_id: string | null;
}

/** What people say about errors. */
@Injectable()
export class ErrorComments {
  constructor(
    private readonly dataSource: DataSource,
    private readonly bus: Bus,
    private readonly clock: Clock,
  ) {}

  /** Answers the id of the comment. Said about a merged error, it is about the one that it is merged into. @throws CodedException `ERROR_NOT_FOUND` */
  async add(errorId: string, text: string, { kind, id, name }: Principal): Promise<string> {
    const [row] = await this.dataSource.query<{ id: string; error_id: string }[]>(
      `INSERT INTO error_activities (id, error_id, at, kind, actor_kind, actor_id, actor_name, details)
       SELECT $1, coalesce(merged_into, id), $3, 'commented', $4, $5, $6, $7::jsonb FROM errors WHERE id = $2
       RETURNING id, error_id`,
      [v7(), errorId, this.clock.now(), kind, id, name, JSON.stringify({ text })],
    );
    if (!row) throw errorNotFound();
    void this.bus.publish('errors.updated', { ids: [row.error_id] });
    return row.id;
  }

  /** One’s own; who may change settings may remove any. @throws CodedException `NOT_FOUND`, `FORBIDDEN` */
  async delete(errorId: string, commentId: string, by: Principal): Promise<void> {
    await this.dataSource.transaction(async (manager) => {
      const [comment] = await manager.query<Author[]>(
        `SELECT actor_kind, actor_id FROM error_activities
         WHERE id = $1 AND kind = 'commented' AND error_id IN (
           SELECT id FROM errors WHERE coalesce(merged_into, id) = (SELECT coalesce(merged_into, id) FROM errors WHERE id = $2))
         FOR UPDATE`,
        [commentId, errorId],
      );
      if (!comment) throw new CodedException('NOT_FOUND', 'There is no such comment.');
      if (!isAllowed(comment, by)) throw new CodedException('FORBIDDEN', 'The comment is somebody else’s.');
      await manager.query('DELETE FROM error_activities WHERE id = $1', [commentId]);
    });
    void this.bus.publish('errors.updated', { ids: [errorId] });
  }
}

function isAllowed({ actor_kind, actor_id }: Author, { kind, id, rights }: Principal): boolean {
  return (actor_kind === kind && actor_id === id) || rights.has('administer');
}
