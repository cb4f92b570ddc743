import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Clock } from '../../../common/clock.js';
import { pageInfo } from '../../../common/http/paging.dto.js';
import type { EndpointStateInterval } from '../../../database/entities/endpoint-state-interval.entity.js';
import { endpointNotFound } from '../endpoints/endpoints.reader.js';
import type { StateIntervalDto, StateIntervalListDto, StatesQuery } from './dto/states.dto.js';

const CHOSEN = `FROM endpoint_state_intervals
  WHERE endpoint_id = $1 AND ($2::timestamptz IS NULL OR ended_at IS NULL OR ended_at > $2)
    AND ($3::timestamptz IS NULL OR started_at < $3)`;

type IntervalRow = Pick<EndpointStateInterval, 'state' | 'started_at' | 'ended_at'>;

/** What an endpoint has been, and when. */
@Injectable()
export class StateIntervalsReader {
  constructor(
    private readonly dataSource: DataSource,
    private readonly clock: Clock,
  ) {}

  /** @throws CodedException `ENDPOINT_NOT_FOUND` */
  async list(endpointId: string, query: StatesQuery): Promise<StateIntervalListDto> {
    const now = this.clock.now().getTime();
    const chosen = [endpointId, query.from ?? null, query.to ?? null];
    const [rows, [counted]] = await Promise.all([
      this.dataSource.query<IntervalRow[]>(
        `SELECT state, started_at, ended_at ${CHOSEN} ORDER BY started_at DESC LIMIT $4 OFFSET $5`,
        [...chosen, query.limit, query.offset],
      ),
      this.dataSource.query<{ total: number; is_known: boolean }[]>(
        `SELECT count(*)::int AS total, EXISTS (SELECT FROM endpoints WHERE id = $1) AS is_known ${CHOSEN}`,
        chosen,
      ),
    ]);
    if (!counted!.is_known) throw endpointNotFound();
    return { states: rows.map((row) => intervalView(row, now)), ...pageInfo(counted!.total, query) };
  }
}

function intervalView({ state, started_at, ended_at }: IntervalRow, now: number): StateIntervalDto {
  const duration_ms = Math.max(0, (ended_at?.getTime() ?? now) - started_at.getTime());
  return { state, started_at, ended_at, duration_ms };
}
