import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Clock } from '../../../common/clock.js';
import { invalidField } from '../../../common/coded-exception.js';
import { pageInfo } from '../../../common/http/paging.dto.js';
import type { Check } from '../../../database/entities/check.entity.js';
import type { CheckDto, CheckListDto, ChecksQuery, EndpointCheckDto } from './dto/check.dto.js';
import { DAY_MS } from './uptime.js';

/** The longest time that one list may span: all its checks are counted. */
const MAX_DAYS = 31;

/** Check results for screens. */
@Injectable()
export class ChecksReader {
  constructor(
    private readonly dataSource: DataSource,
    private readonly clock: Clock,
  ) {}

  /**
   * The checks of one endpoint, newest first; without a time asked for, those of the last day.
   * @throws CodedException `VALIDATION_FAILED` when the time asked for is too long
   */
  async list(endpointId: string, query: ChecksQuery): Promise<CheckListDto> {
    const to = query.to ?? this.clock.now();
    const from = query.from ?? new Date(to.getTime() - DAY_MS);
    if (to.getTime() - from.getTime() > MAX_DAYS * DAY_MS) {
      throw invalidField('from', `must be at most ${MAX_DAYS} days before to, which is now when left out`);
    }
    const [rows, [counted]] = await Promise.all([
      this.dataSource.query<Check[]>(
        `SELECT * FROM checks WHERE endpoint_id = $1 AND scheduled_at >= $2 AND scheduled_at <= $3
         ORDER BY scheduled_at DESC, region LIMIT $4 OFFSET $5`,
        [endpointId, from, to, query.limit, query.offset],
      ),
      this.dataSource.query<{ total: number }[]>(
        `SELECT count(*)::int AS total FROM checks
         WHERE endpoint_id = $1 AND scheduled_at >= $2 AND scheduled_at <= $3`,
        [endpointId, from, to],
      ),
    ]);
    return { checks: rows.map(checkView), ...pageInfo(counted!.total, query) };
  }

  /** The results of one slot that several endpoints share, by name. */
  async atSlot(endpointIds: readonly string[], slot: Date): Promise<EndpointCheckDto[]> {
    const rows = await this.dataSource.query<(Check & { name: string })[]>(
      `SELECT c.*, e.name FROM checks c JOIN endpoints e ON e.id = c.endpoint_id
       WHERE c.endpoint_id = ANY($1::uuid[]) AND c.scheduled_at = $2 ORDER BY e.name`,
      [endpointIds, slot],
    );
    return rows.map((row) => ({ endpoint_id: row.endpoint_id, endpoint: row.name, ...checkView(row) }));
  }
}

function checkView(row: Check): CheckDto {
  return {
    at: row.checked_at,
    region: row.region,
    ok: row.ok,
    status: row.status,
    status_code: row.status_code,
    error: row.error,
    response_time_ms: row.response_time_ms,
    phases: {
      dns: row.dns_ms,
      connect: row.connect_ms,
      tls: row.tls_ms,
      first_byte: row.first_byte_ms,
      download: row.download_ms,
    },
  };
}
