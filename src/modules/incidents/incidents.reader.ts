import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { pageInfo, type PagingQuery } from '../../common/http/paging.dto.js';
import type {
  IncidentDto,
  IncidentListDto,
  IncidentUpdateDto,
  IncidentUpdateListDto,
} from './dto/incident.dto.js';
import type { ListIncidentsQuery } from './dto/list-incidents.dto.js';
import { incidentNotFound } from './incident-not-found.js';

const COLUMNS = `i.id, i.title, i.description, i.severity, i.status, i.source, i.assigned_to, i.started_at, i.resolved_at,
  i.created_at, i.updated_at,
  i.affected_count,
  CASE WHEN i.affected_count = 0 THEN '[]' ELSE (
    SELECT coalesce(jsonb_agg(jsonb_build_object('id', e.id, 'name', e.name) ORDER BY e.name), '[]')
    FROM (SELECT endpoint_id FROM incident_endpoints x WHERE x.incident_id = i.id LIMIT 100) x
    JOIN endpoints e ON e.id = x.endpoint_id
  ) END AS affected_endpoints`;

const UPDATE_COLUMNS = 'id, incident_id, status, body, public, author, at';

/** A page of the list, over an index whatever is asked for. */
export const LIST_INCIDENTS = (where: string): string => `
  SELECT ${COLUMNS} FROM incidents i WHERE ${where} ORDER BY i.started_at DESC, i.id DESC LIMIT $1 OFFSET $2`;

/** Reads incidents for screens and for other modules. */
@Injectable()
export class IncidentsReader {
  constructor(private readonly dataSource: DataSource) {}

  /** The newest first. */
  async list(query: ListIncidentsQuery): Promise<IncidentListDto> {
    const { where, values } = selectionOf(query, 2);
    const counted = selectionOf(query, 0);
    const [incidents, [total]] = await Promise.all([
      this.dataSource.query<IncidentDto[]>(LIST_INCIDENTS(where), [query.limit, query.offset, ...values]),
      this.dataSource.query<{ count: number }[]>(
        `SELECT count(*)::int AS count FROM incidents i WHERE ${counted.where}`,
        counted.values,
      ),
    ]);
    return { incidents, ...pageInfo(total!.count, query) };
  }

  /** @throws CodedException `INCIDENT_NOT_FOUND` */
  async get(id: string): Promise<IncidentDto> {
    const [incident] = await this.byIds([id]);
    if (!incident) throw incidentNotFound();
    return incident;
  }

  /** Those that exist. */
  byIds(ids: readonly string[]): Promise<IncidentDto[]> {
    return this.dataSource.query<IncidentDto[]>(
      `SELECT ${COLUMNS} FROM incidents i WHERE i.id = ANY($1::uuid[])`,
      [ids],
    );
  }

  /** What changed at that time or later; the newest when there are more. */
  changedSince(since: Date, limit: number): Promise<IncidentDto[]> {
    return this.dataSource.query<IncidentDto[]>(
      `SELECT ${COLUMNS} FROM incidents i WHERE i.updated_at >= $1 ORDER BY i.updated_at DESC LIMIT $2`,
      [since, limit],
    );
  }

  /** The newest first. @throws CodedException `INCIDENT_NOT_FOUND` */
  async updates(id: string, query: PagingQuery): Promise<IncidentUpdateListDto> {
    const [updates, [total], incidents] = await Promise.all([
      this.dataSource.query<IncidentUpdateDto[]>(
        `SELECT ${UPDATE_COLUMNS} FROM incident_updates WHERE incident_id = $1
         ORDER BY at DESC, id DESC LIMIT $2 OFFSET $3`,
        [id, query.limit, query.offset],
      ),
      this.dataSource.query<{ count: number }[]>(
        'SELECT count(*)::int AS count FROM incident_updates WHERE incident_id = $1',
        [id],
      ),
      this.dataSource.query<unknown[]>('SELECT FROM incidents WHERE id = $1', [id]),
    ]);
    if (incidents.length === 0) throw incidentNotFound();
    return { updates, ...pageInfo(total!.count, query) };
  }

  async update(id: string): Promise<IncidentUpdateDto> {
    const [update] = await this.dataSource.query<IncidentUpdateDto[]>(
      `SELECT ${UPDATE_COLUMNS} FROM incident_updates WHERE id = $1`,
      [id],
    );
    if (!update) throw incidentNotFound();
    return update;
  }
}

/** Conditions with parameters from `$taken + 1` on. Every status but `resolved` is that of an open incident. */
function selectionOf(
  { status, severity, open }: ListIncidentsQuery,
  taken: number,
): { where: string; values: unknown[] } {
  const values: unknown[] = [];
  const conditions = ['true'];
  const equals = (column: string, value: unknown): void => {
    if (value === undefined) return;
    values.push(value);
    conditions.push(`i.${column} = $${taken + values.length}`);
  };
  equals('status', status);
  equals('severity', severity);
  const isOpen = open ?? (status === undefined ? undefined : status !== 'resolved');
  if (isOpen !== undefined) conditions.push(`i.resolved_at IS ${isOpen ? '' : 'NOT '}NULL`);
  return { where: conditions.join(' AND '), values };
}
