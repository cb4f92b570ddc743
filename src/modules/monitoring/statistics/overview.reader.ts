import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Clock } from '../../../common/clock.js';
import type { EndpointState } from '../../../database/entities/endpoint-status.entity.js';
import type { OverviewDto, StateCountsDto } from '../services/dto/services.dto.js';
import { isDown } from '../states/endpoint-state.js';
import { FleetUptimeReader } from './fleet-uptime.reader.js';

interface OverviewRow extends StateCountsDto {
  average_response_ms: number | null;
  last_checked: Date | null;
}

const counted = (state: EndpointState): string =>
  `(count(*) FILTER (WHERE status = '${state}'))::int AS ${state}`;

export const OVERVIEW = `
  SELECT ${(['operational', 'degraded', 'partial_outage', 'major_outage', 'maintenance', 'unknown'] as const).map(counted).join(', ')},
    avg(last_response_ms)::float8 AS average_response_ms, max(last_checked_at) AS last_checked
  FROM endpoints e JOIN endpoint_status s ON s.endpoint_id = e.id
  WHERE e.public AND e.enabled`;

/** Anyone may ask, as often as they like: the answer serves everybody for so long. */
const FRESH_MS = 1_000;

/** What the public may know: no names, no addresses. */
@Injectable()
export class OverviewReader {
  private latest: Promise<OverviewDto> | undefined;
  private askedAt = 0;

  constructor(
    private readonly dataSource: DataSource,
    private readonly uptimes: FleetUptimeReader,
    private readonly clock: Clock,
  ) {}

  /** At most a second old. */
  read(): Promise<OverviewDto> {
    const now = this.clock.now();
    if (this.latest && Math.abs(now.getTime() - this.askedAt) < FRESH_MS) return this.latest;
    const asked = this.ask(now);
    asked.catch(() => {
      if (this.latest === asked) this.latest = undefined;
    });
    this.latest = asked;
    this.askedAt = now.getTime();
    return asked;
  }

  private async ask(now: Date): Promise<OverviewDto> {
    const [uptime, [row]] = await Promise.all([
      this.uptimes.read('public', now),
      this.dataSource.query<[OverviewRow]>(OVERVIEW),
    ]);
    const { average_response_ms, last_checked, ...counts } = row;
    return {
      status: overallState(counts),
      total: Object.values(counts).reduce((sum, count) => sum + count, 0),
      counts,
      ...uptime,
      average_response_ms: average_response_ms === null ? null : Math.round(average_response_ms * 10) / 10,
      last_checked,
      timestamp: now,
    };
  }
}

/** The state of a whole from the states of its parts. */
export function overallState(counts: StateCountsDto): EndpointState {
  const present = (Object.keys(counts) as EndpointState[]).filter((state) => counts[state] > 0);
  const measured = present.filter((state) => state !== 'unknown' && state !== 'maintenance');
  if (measured.length === 0) return counts.maintenance > 0 ? 'maintenance' : 'unknown';
  if (measured.every((state) => state === 'major_outage')) return 'major_outage';
  if (measured.some(isDown)) return 'partial_outage';
  return measured.includes('degraded') ? 'degraded' : 'operational';
}
