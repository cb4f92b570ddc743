import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { MaintenanceWindow } from '../../database/entities/maintenance-window.entity.js';
import { nextEdge, type Period, periodsBetween } from './occurrences.js';

/** SQL: whether a row of `maintenance_windows`, called `w`, covers one of `endpoints`, called `e`. */
export const COVERS =
  '(w.all_endpoints OR e.id = ANY(w.endpoint_ids) OR e.group_name = ANY(w.groups) OR e.tags && w.tags)';

/** A count that goes up whenever a window is made, changed or deleted, and when it last did. */
export interface MaintenanceRevision {
  revision: number;
  /** Milliseconds since the epoch. */
  changed_at: number;
}

/** When windows are in effect, around the time that was asked for. Times in milliseconds since the epoch. */
export interface MaintenanceSchedule extends MaintenanceRevision {
  windows: { id: string; updated_at: number; periods: Period[] }[];
  /** Before this, nothing begins or ends that has not yet; infinite when nothing ever will. */
  next_edge_at: number;
}

/** Tells monitoring when which windows are in effect. */
@Injectable()
export class MaintenanceCoverageReader {
  constructor(private readonly dataSource: DataSource) {}

  async revision(): Promise<MaintenanceRevision> {
    const [row] = await this.dataSource.query<MaintenanceRevision[]>(
      `SELECT revision, (extract(epoch FROM changed_at) * 1000)::float8 AS changed_at FROM maintenance_revision`,
    );
    return row!;
  }

  /** The windows in effect at some time between `since` and `now`, with all periods that touch it. */
  async schedule(since: number, now: number): Promise<MaintenanceSchedule> {
    // First: rows read afterwards are at least as new as it says.
    const revision = await this.revision();
    const rows = await this.dataSource.query<MaintenanceWindow[]>(
      `SELECT * FROM maintenance_windows
       WHERE enabled AND (over_at IS NULL OR over_at >= to_timestamp($1::float8 / 1000))`,
      [since],
    );
    const windows = rows
      .map((row) => ({
        id: row.id,
        updated_at: row.updated_at.getTime(),
        periods: periodsBetween(row, since, now),
      }))
      .filter(({ periods }) => periods.length > 0);
    return {
      ...revision,
      windows,
      next_edge_at: Math.min(...rows.map((row) => nextEdge(row, now) ?? Infinity)),
    };
  }
}
