import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { deadAncestors, type DependencyNode } from './dependencies.js';

/** `UNION` leaves out what was reached before, so circles end. */
const REACHED = `
  WITH RECURSIVE reached(id) AS (
    SELECT unnest($1::uuid[])
    UNION
    SELECT unnest(e.depends_on) FROM reached r JOIN endpoints e ON e.id = r.id
  )
  SELECT e.id, e.depends_on, e.enabled AND s.measured_status = 'major_outage' AS dead
  FROM reached r JOIN endpoints e ON e.id = r.id JOIN endpoint_status s ON s.endpoint_id = e.id`;

/**
 * Answers who is to blame. By the present: a child that is found dead before its parent has no dead ancestor yet, and
 * one that is found later may have. Whoever acts on it (an alert) asks again when it acts.
 *
 * A parent is dead when its checks say so, in maintenance too; one that is down in some regions only is not.
 */
@Injectable()
export class DependenciesReader {
  constructor(private readonly dataSource: DataSource) {}

  /** The dead ancestors of each endpoint that has some, the nearest first. */
  async deadAncestors(ids: readonly string[]): Promise<Map<string, string[]>> {
    if (ids.length === 0) return new Map();
    const rows = await this.dataSource.query<(DependencyNode & { id: string })[]>(REACHED, [ids]);
    const nodes = new Map(rows.map((row) => [row.id, row]));
    return new Map(
      ids.map((id) => [id, deadAncestors(id, nodes)] as const).filter(([, dead]) => dead.length > 0),
    );
  }
}
