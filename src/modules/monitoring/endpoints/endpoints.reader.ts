import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Clock } from '../../../common/clock.js';
import { CodedException, invalidField } from '../../../common/coded-exception.js';
import { pageInfo } from '../../../common/http/paging.dto.js';
import { CONFIG, type Config, publicUrl } from '../../../config/config.js';
import type { EndpointState } from '../../../database/entities/endpoint-status.entity.js';
import type { EndpointKind } from '../../../database/entities/endpoint.entity.js';
import { DependenciesReader } from '../states/dependencies.reader.js';
import { DAY_MS } from '../statistics/uptime.js';
import type { EndpointsQuery } from './dto/endpoints-query.dto.js';
import type { EndpointDto, EndpointListDto, EndpointSummaryDto, NamedCountDto } from './dto/endpoint.dto.js';
import { EndpointSecretsBox } from './endpoint-secrets.js';
import { type EndpointRow, endpointView } from './endpoint-view.js';
import { listEndpoints, ONE_ENDPOINT } from './list-endpoints.sql.js';

/** What it takes to check an endpoint out of turn. */
export interface CheckableEndpoint {
  id: string;
  name: string;
  timeout_ms: number;
  /** Regions that it is checked from; empty: wherever a worker is free. */
  regions: string[];
}

interface SummaryRow {
  total: number;
  states: Partial<Record<EndpointState, number>>;
  groups: NamedCountDto[];
  tags_used: NamedCountDto[];
}

type ListedRow = { summary: SummaryRow | null } & (EndpointRow | { id: null });

const NO_STATES: Record<EndpointState, number> = {
  operational: 0,
  degraded: 0,
  partial_outage: 0,
  major_outage: 0,
  maintenance: 0,
  unknown: 0,
};

/** Endpoints for screens. Callers that may write see the addresses that push endpoints report to. */
@Injectable()
export class EndpointsReader {
  constructor(
    private readonly dataSource: DataSource,
    private readonly secrets: EndpointSecretsBox,
    private readonly dependencies: DependenciesReader,
    private readonly clock: Clock,
    @Inject(CONFIG) private readonly config: Pick<Config, 'PUBLIC_URL' | 'PORT'>,
  ) {}

  async list(query: EndpointsQuery, mayWrite = false): Promise<EndpointListDto> {
    const { sql, values } = listEndpoints(query);
    const given = [...this.lastDay(), query.limit, query.offset, ...values];
    const listed = await this.dataSource.query<ListedRow[]>(sql, given);
    const rows = listed.filter((row): row is EndpointRow & ListedRow => row.id !== null);
    // The first row is there even when the page is empty.
    const { total, states, groups, tags_used } = listed[0]!.summary!;
    const summary: EndpointSummaryDto = { states: { ...NO_STATES, ...states }, groups, tags: tags_used };
    return { endpoints: await this.views(rows, mayWrite), ...pageInfo(total, query), summary };
  }

  /** @throws CodedException `ENDPOINT_NOT_FOUND` */
  async get(id: string, mayWrite = false): Promise<EndpointDto> {
    const rows = await this.dataSource.query<EndpointRow[]>(ONE_ENDPOINT, [...this.lastDay(), id]);
    const [view] = await this.views(rows, mayWrite);
    if (!view) throw endpointNotFound();
    return view;
  }

  async count(): Promise<number> {
    const [row] = await this.dataSource.query<{ total: number }[]>(
      'SELECT count(*)::int AS total FROM endpoints',
    );
    return row!.total;
  }

  /** @throws CodedException `ENDPOINT_NOT_FOUND` */
  async assertExists(id: string): Promise<void> {
    const rows = await this.dataSource.query<unknown[]>('SELECT FROM endpoints WHERE id = $1', [id]);
    if (rows.length === 0) throw endpointNotFound();
  }

  /** @throws CodedException `ENDPOINT_NOT_FOUND`, `VALIDATION_FAILED` when it reports by itself */
  async checkable(id: string): Promise<CheckableEndpoint> {
    return one(await this.checkables('id = $1', [id]));
  }

  /** @throws CodedException `ENDPOINT_NOT_FOUND`, `VALIDATION_FAILED` when it reports by itself */
  async checkableByName(name: string): Promise<CheckableEndpoint> {
    return one(await this.checkables('name = $1', [name]));
  }

  /** Every enabled endpoint that can be asked, by name. */
  allCheckable(): Promise<CheckableEndpoint[]> {
    return this.checkables(`enabled AND kind <> 'push'`, []);
  }

  private checkables(
    condition: string,
    parameters: unknown[],
  ): Promise<(CheckableEndpoint & { kind: EndpointKind })[]> {
    return this.dataSource.query(
      `SELECT id, name, kind, timeout_ms, regions FROM endpoints WHERE ${condition} ORDER BY name`,
      parameters,
    );
  }

  private async views(rows: readonly EndpointRow[], mayWrite: boolean): Promise<EndpointDto[]> {
    const dependent = rows.filter((row) => row.depends_on.length > 0).map((row) => row.id);
    const blockers = await this.dependencies.deadAncestors(dependent);
    const push_base = mayWrite ? `${publicUrl(this.config)}/api/push/` : undefined;
    const now = this.clock.now();
    return rows.map((row) =>
      endpointView(row, {
        secrets: this.secrets.open(row),
        blocked_by: blockers.get(row.id) ?? [],
        push_base,
        now,
      }),
    );
  }

  private lastDay(): [now: Date, from: Date] {
    const now = this.clock.now();
    return [now, new Date(now.getTime() - DAY_MS)];
  }
}

export function endpointNotFound(): CodedException {
  return new CodedException('ENDPOINT_NOT_FOUND', 'There is no such endpoint.');
}

function one([first]: (CheckableEndpoint & { kind: EndpointKind })[]): CheckableEndpoint {
  if (!first) throw endpointNotFound();
  if (first.kind === 'push') throw invalidField('kind', 'is push: the endpoint reports by itself');
  const { kind: _, ...checkable } = first;
  return checkable;
}
