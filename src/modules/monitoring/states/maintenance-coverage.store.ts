import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { COVERS, type MaintenanceSchedule } from '../../maintenance/maintenance-coverage.reader.js';
import type { CoveredEndpoint } from './coverage-edges.js';

/**
 * Endpoints for which something may have changed: covered by one of the windows $3, which have begun or ended of late,
 * or else in another state than the windows $2, now in effect, want it. A disabled endpoint is not covered.
 */
export const COVERED_ENDPOINTS = `
  SELECT e.id AS endpoint_id, s.maintenance, (extract(epoch FROM e.updated_at) * 1000)::float8 AS updated_at,
    coalesce(array_agg(w.id) FILTER (WHERE w.id IS NOT NULL), '{}') AS window_ids
  FROM endpoints e
  JOIN endpoint_status s ON s.endpoint_id = e.id
  LEFT JOIN maintenance_windows w ON w.id = ANY($1::uuid[]) AND e.enabled AND ${COVERS}
  GROUP BY e.id, s.maintenance
  HAVING s.maintenance <> coalesce(bool_or(w.id = ANY($2::uuid[])), false)
    OR coalesce(bool_or(w.id = ANY($3::uuid[])), false)
  ORDER BY e.id`;

export const ENDPOINTS_VERSION = `
  SELECT concat_ws(' ', count(*), max(updated_at), sum(date_part('epoch', updated_at))) AS version FROM endpoints`;

/** What windows cover, and up to when that has been applied. */
@Injectable()
export class MaintenanceCoverageStore {
  constructor(private readonly dataSource: DataSource) {}

  /** Up to when windows have been applied. */
  async appliedUntil(): Promise<number> {
    const [row] = await this.dataSource.query<{ applied_until: number }[]>(
      'SELECT (extract(epoch FROM applied_until) * 1000)::float8 AS applied_until FROM maintenance_progress',
    );
    return row!.applied_until;
  }

  async moveApplied(until: number): Promise<void> {
    await this.dataSource.query(
      'UPDATE maintenance_progress SET applied_until = greatest(applied_until, to_timestamp($1::float8 / 1000))',
      [until],
    );
  }

  /**
   * Differs whenever an endpoint has been made, changed or deleted. Not just the newest change: it may have been dated
   * by a clock that is ahead of the one that dates the next.
   */
  async endpointsVersion(): Promise<string> {
    const [row] = await this.dataSource.query<{ version: string }[]>(ENDPOINTS_VERSION);
    return row!.version;
  }

  /** Endpoints for which something may have changed between `since` and `now`. */
  covered(
    { windows }: Pick<MaintenanceSchedule, 'windows'>,
    since: number,
    now: number,
  ): Promise<CoveredEndpoint[]> {
    const active = windows.filter(({ periods }) => periods.some(({ from, to }) => from <= now && now < to));
    const moving = windows.filter(({ periods }) =>
      periods.some(({ from, to }) => (since < from && from <= now) || (since < to && to <= now)),
    );
    return this.dataSource.query<CoveredEndpoint[]>(COVERED_ENDPOINTS, [
      ids(windows),
      ids(active),
      ids(moving),
    ]);
  }
}

function ids(windows: MaintenanceSchedule['windows']): string[] {
  return windows.map(({ id }) => id);
}
