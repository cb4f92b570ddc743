import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { pageInfo } from '../../../common/http/paging.dto.js';
import type { ListSpikesQuery, SpikeDto, SpikeListDto } from './dto/spike.dto.js';

const COLUMNS = `id, source, reports_limit AS limit_per_minute, usual_reports AS usual_per_minute,
  peak_reports::float8 AS peak_per_minute, started_at, over_at, ended_at`;

/** Reads floods of errors for screens and for other modules. */
@Injectable()
export class SpikesReader {
  constructor(private readonly dataSource: DataSource) {}

  /** The newest first. */
  async list(query: ListSpikesQuery): Promise<SpikeListDto> {
    const open = query.open ?? null;
    const where = '($1::boolean IS NULL OR (ended_at IS NULL) = $1)';
    const [spikes, [total]] = await Promise.all([
      this.dataSource.query<SpikeDto[]>(
        `SELECT ${COLUMNS} FROM error_spikes WHERE ${where} ORDER BY started_at DESC, id DESC LIMIT $2 OFFSET $3`,
        [open, query.limit, query.offset],
      ),
      this.dataSource.query<{ count: number }[]>(
        `SELECT count(*)::int AS count FROM error_spikes WHERE ${where}`,
        [open],
      ),
    ]);
    return { spikes, ...pageInfo(total!.count, query) };
  }

  /** Those that go on, the first first. */
  current(): Promise<SpikeDto[]> {
    return this.dataSource.query<SpikeDto[]>(
      `SELECT ${COLUMNS} FROM error_spikes WHERE ended_at IS NULL ORDER BY started_at, id`,
    );
  }

  /** Those of these ids that exist. */
  byIds(ids: readonly string[]): Promise<SpikeDto[]> {
    return this.dataSource.query<SpikeDto[]>(
      `SELECT ${COLUMNS} FROM error_spikes WHERE id = ANY($1::uuid[])`,
      [ids],
    );
  }

  /** How many reports of a source were refused for a flood since it began. */
  async refusedSince(source: string, since: Date): Promise<number> {
    const [row] = await this.dataSource.query<{ count: number }[]>(
      `SELECT coalesce(sum(count), 0)::float8 AS count FROM error_ledger
       WHERE source = $1 AND hour >= date_trunc('hour', $2::timestamptz, 'UTC') AND outcome = 'limited'`,
      [source, since],
    );
    return row!.count;
  }
}
