import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Clock } from '../../common/clock.js';
import { CodedException } from '../../common/coded-exception.js';
import { pageInfo } from '../../common/http/paging.dto.js';
import type { MaintenanceWindow } from '../../database/entities/maintenance-window.entity.js';
import type {
  ListMaintenanceQuery,
  MaintenanceDto,
  MaintenanceListDto,
  MaintenanceStatus,
} from './dto/maintenance.dto.js';
import { COVERS } from './maintenance-coverage.reader.js';
import { maintenanceView, stateAt } from './maintenance-view.js';

interface Page {
  windows: MaintenanceWindow[];
  total: number;
}

/** Maintenance windows for screens. */
@Injectable()
export class MaintenanceReader {
  constructor(
    private readonly dataSource: DataSource,
    private readonly clock: Clock,
  ) {}

  async list(query: ListMaintenanceQuery): Promise<MaintenanceListDto> {
    const now = this.clock.now();
    const { windows, total } = await this.page(query, now);
    return { windows: await this.views(windows, now), ...pageInfo(total, query) };
  }

  /** @throws CodedException `MAINTENANCE_NOT_FOUND` */
  async get(id: string): Promise<MaintenanceDto> {
    const rows = await this.dataSource.query<MaintenanceWindow[]>(
      'SELECT * FROM maintenance_windows WHERE id = $1',
      [id],
    );
    const [view] = await this.views(rows, this.clock.now());
    if (!view) throw maintenanceNotFound();
    return view;
  }

  private page(query: ListMaintenanceQuery, now: Date): Promise<Page> {
    switch (query.status) {
      case undefined:
        return this.stored('true', 'id DESC', [], query);
      case 'past':
        return this.stored('over_at <= $3', 'over_at DESC, id', [now], query);
      case 'active':
      case 'upcoming':
      case 'disabled':
        return this.current(query.status, query, now.getTime());
    }
  }

  private async stored(
    condition: string,
    order: string,
    parameters: unknown[],
    { limit, offset }: ListMaintenanceQuery,
  ): Promise<Page> {
    const rows = await this.dataSource.query<(MaintenanceWindow & { total: number })[]>(
      `WITH chosen AS (SELECT * FROM maintenance_windows WHERE ${condition})
       SELECT p.*, c.total FROM (SELECT count(*)::int AS total FROM chosen) c
       LEFT JOIN (SELECT * FROM chosen ORDER BY ${order} LIMIT $1 OFFSET $2) p ON true
       ORDER BY ${order}`,
      [limit, offset, ...parameters],
    );
    return { windows: rows.filter((row) => row.id !== null), total: rows[0]!.total };
  }

  /** What a window is doing follows from its times, so those that are not over are all looked at: never many. */
  private async current(
    status: MaintenanceStatus,
    { limit, offset }: ListMaintenanceQuery,
    now: number,
  ): Promise<Page> {
    const rows = await this.dataSource.query<MaintenanceWindow[]>(
      'SELECT * FROM maintenance_windows WHERE over_at IS NULL OR over_at > $1',
      [new Date(now)],
    );
    const chosen = rows
      .map((window) => ({ window, ...stateAt(window, now) }))
      .filter((each) => each.status === status)
      .sort((a, b) => a.period!.from - b.period!.from || (a.window.id < b.window.id ? -1 : 1));
    return {
      windows: chosen.slice(offset, offset + limit).map(({ window }) => window),
      total: chosen.length,
    };
  }

  private async views(windows: MaintenanceWindow[], now: Date): Promise<MaintenanceDto[]> {
    if (windows.length === 0) return [];
    const counts = await this.dataSource.query<{ id: string; endpoints: number }[]>(
      `SELECT w.id, count(*)::int AS endpoints FROM maintenance_windows w JOIN endpoints e ON ${COVERS}
       WHERE w.id = ANY($1::uuid[]) GROUP BY w.id`,
      [windows.map(({ id }) => id)],
    );
    const covered = new Map(counts.map(({ id, endpoints }) => [id, endpoints]));
    return windows.map((window) => maintenanceView(window, covered.get(window.id) ?? 0, now.getTime()));
  }
}

export function maintenanceNotFound(): CodedException {
  return new CodedException('MAINTENANCE_NOT_FOUND', 'There is no such maintenance window.');
}
