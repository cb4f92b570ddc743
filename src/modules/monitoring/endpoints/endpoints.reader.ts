import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Clock } from '../../../common/clock.js';
import { CodedException } from '../../../common/coded-exception.js';
import { pageInfo, type PagingQuery } from '../../../common/http/paging.dto.js';
import type { EndpointDto, EndpointListDto } from './dto/endpoint.dto.js';
import { EndpointSecretsBox } from './endpoint-secrets.js';
import { type EndpointRow, endpointView } from './endpoint-view.js';
import { DAY_MS, uptimeSums } from '../statistics/uptime.js';

const { up, known } = uptimeSums('$2::timestamptz', '$1::timestamptz');

/**
 * Endpoints with state and uptime of the window from $2 to $1, in one query. For each endpoint, an index scan over the
 * intervals that began in the window, and the one before: what is older costs nothing.
 */
const selectEndpoints = (chosen: string): string => `
  SELECT e.*, s.status, s.last_checked_at, s.last_response_ms, s.next_check_at, u.up_ms, u.known_ms
  FROM (${chosen}) e
  JOIN endpoint_status s ON s.endpoint_id = e.id
  CROSS JOIN LATERAL (
    SELECT ${up} AS up_ms, ${known} AS known_ms
    FROM endpoint_state_intervals i
    WHERE i.endpoint_id = e.id AND i.started_at >= coalesce((
      SELECT max(started_at) FROM endpoint_state_intervals WHERE endpoint_id = e.id AND started_at <= $2
    ), '-infinity')
  ) u
  ORDER BY e.name`;

export const LIST_ENDPOINTS = selectEndpoints('SELECT * FROM endpoints ORDER BY name LIMIT $3 OFFSET $4');
const ONE_ENDPOINT = selectEndpoints('SELECT * FROM endpoints WHERE id = $3');

/** What it takes to check an endpoint out of turn. */
export interface CheckableEndpoint {
  id: string;
  name: string;
  timeout_ms: number;
}

/** Endpoints for screens. */
@Injectable()
export class EndpointsReader {
  constructor(
    private readonly dataSource: DataSource,
    private readonly secrets: EndpointSecretsBox,
    private readonly clock: Clock,
  ) {}

  async list(query: PagingQuery): Promise<EndpointListDto> {
    const [rows, total] = await Promise.all([
      this.dataSource.query<EndpointRow[]>(LIST_ENDPOINTS, [...this.lastDay(), query.limit, query.offset]),
      this.count(),
    ]);
    return { endpoints: rows.map((row) => this.view(row)), ...pageInfo(total, query) };
  }

  /** @throws CodedException `ENDPOINT_NOT_FOUND` */
  async get(id: string): Promise<EndpointDto> {
    const [row] = await this.dataSource.query<EndpointRow[]>(ONE_ENDPOINT, [...this.lastDay(), id]);
    if (!row) throw endpointNotFound();
    return this.view(row);
  }

  async count(): Promise<number> {
    const [row] = await this.dataSource.query<{ total: number }[]>(
      'SELECT count(*)::int AS total FROM endpoints',
    );
    return row!.total;
  }

  /** @throws CodedException `ENDPOINT_NOT_FOUND` */
  async checkable(id: string): Promise<CheckableEndpoint> {
    return one(await this.checkables('id = $1', [id]));
  }

  /** @throws CodedException `ENDPOINT_NOT_FOUND` */
  async checkableByName(name: string): Promise<CheckableEndpoint> {
    return one(await this.checkables('name = $1', [name]));
  }

  /** Every enabled endpoint, by name. */
  allCheckable(): Promise<CheckableEndpoint[]> {
    return this.checkables('enabled', []);
  }

  private checkables(condition: string, parameters: unknown[]): Promise<CheckableEndpoint[]> {
    return this.dataSource.query(
      `SELECT id, name, timeout_ms FROM endpoints WHERE ${condition} ORDER BY name`,
      parameters,
    );
  }

  private view(row: EndpointRow): EndpointDto {
    return endpointView(row, this.secrets.open(row));
  }

  private lastDay(): [now: Date, from: Date] {
    const now = this.clock.now();
    return [now, new Date(now.getTime() - DAY_MS)];
  }
}

export function endpointNotFound(): CodedException {
  return new CodedException('ENDPOINT_NOT_FOUND', 'There is no such endpoint.');
}

function one([first]: CheckableEndpoint[]): CheckableEndpoint {
  if (!first) throw endpointNotFound();
  return first;
}
