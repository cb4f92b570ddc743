import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { pageInfo, type PagingQuery } from '../../common/http/paging.dto.js';
import type { WorkerDto, WorkerListDto } from './dto/worker.dto.js';

/** Workers of one region that make checks. */
export interface LiveRegion {
  region: string;
  workers: number;
}

/** A live worker without a network. */
export interface NetworkLoss {
  host: string;
  region: string;
  since: Date;
}

/** By the database’s clock, which wrote `seen_at`: four signs of life and a bit. */
const LIVE = `seen_at > now() - interval '45 seconds'`;

const COLUMNS = `id, kind, host, pid, region, queues, version, started_at, seen_at, ${LIVE} AS live, checks_last_minute,
  lateness_p50_ms, lateness_p99_ms, missed_slots_last_hour, network_lost_since`;

/** Says which processes run, and how they do. */
@Injectable()
export class WorkersReader {
  constructor(private readonly dataSource: DataSource) {}

  async list(query: PagingQuery): Promise<WorkerListDto> {
    const [workers, [counted]] = await Promise.all([
      this.dataSource.query<WorkerDto[]>(
        `SELECT ${COLUMNS} FROM workers ORDER BY started_at DESC, id DESC LIMIT $1 OFFSET $2`,
        [query.limit, query.offset],
      ),
      this.dataSource.query<{ total: number }[]>('SELECT count(*)::int AS total FROM workers'),
    ]);
    return { workers, ...pageInfo(counted!.total, query) };
  }

  /** Regions in which a live worker makes checks, by name. */
  liveRegions(): Promise<LiveRegion[]> {
    return this.dataSource.query<LiveRegion[]>(
      `SELECT region, count(*)::int AS workers FROM workers
       WHERE kind = 'worker' AND 'checks' = ANY(queues) AND ${LIVE} GROUP BY region ORDER BY region`,
    );
  }

  /** Those that have had no network for longest come first. */
  networkLosses(): Promise<NetworkLoss[]> {
    return this.dataSource.query<NetworkLoss[]>(
      `SELECT host, region, network_lost_since AS since FROM workers
       WHERE network_lost_since IS NOT NULL AND ${LIVE} ORDER BY network_lost_since, id`,
    );
  }

  /** Checks that nobody dispatched in time, in the last 24 full hours and the running one. */
  async missedSlotsOfDay(): Promise<number> {
    const [row] = await this.dataSource.query<{ missed: number }[]>(
      `SELECT coalesce(sum(count), 0)::float8 AS missed FROM missed_slots
       WHERE hour > now() - interval '25 hours'`,
    );
    return row!.missed;
  }
}
