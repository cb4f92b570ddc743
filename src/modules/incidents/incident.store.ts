import type { EntityManager } from 'typeorm';
import { v7 } from 'uuid';
import { invalidField } from '../../common/coded-exception.js';
import { isForeignKeyViolation } from '../../common/database-failure.js';
import type { Incident, IncidentStatus } from '../../database/entities/incident.entity.js';

export type NewIncident = Pick<
  Incident,
  'title' | 'description' | 'severity' | 'status' | 'source' | 'dedupe_key' | 'assigned_to' | 'started_at'
>;

/** An entry of a timeline on its way into the database. */
export interface NewUpdate {
  status: IncidentStatus;
  body: string;
  public: boolean;
  author: string | null;
}

/** Answers the id; undefined when an open incident has the key already. */
export async function insertIncident(
  manager: EntityManager,
  incident: NewIncident,
  now: Date,
): Promise<string | undefined> {
  const [row] = await manager.query<{ id: string }[]>(
    `INSERT INTO incidents (id, title, description, severity, status, source, dedupe_key, assigned_to, started_at,
       resolved_at, created_at, updated_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, CASE WHEN $5 = 'resolved' THEN $10::timestamptz END, $10, $10)
     ON CONFLICT (dedupe_key) WHERE resolved_at IS NULL DO NOTHING RETURNING id`,
    [
      v7(),
      incident.title,
      incident.description,
      incident.severity,
      incident.status,
      incident.source,
      incident.dedupe_key,
      incident.assigned_to,
      incident.started_at,
      now,
    ],
  );
  return row?.id;
}

/** Adds to the timeline, and answers the id of the entry. The caller has locked the incident, or just made it. */
export async function insertUpdate(
  manager: EntityManager,
  incidentId: string,
  update: NewUpdate,
  now: Date,
): Promise<string> {
  const id = v7();
  await manager.query(
    `INSERT INTO incident_updates (id, incident_id, status, body, public, author, at)
     VALUES ($1, $2, $3, $4, $5, $6, $7)`,
    [id, incidentId, update.status, update.body, update.public, update.author, now],
  );
  return id;
}

/** Locks the incident until the transaction ends. */
export async function lockIncident(manager: EntityManager, id: string): Promise<Incident | undefined> {
  const [incident] = await manager.query<Incident[]>('SELECT * FROM incidents WHERE id = $1 FOR UPDATE', [
    id,
  ]);
  return incident;
}

export async function writeIncident(manager: EntityManager, incident: Incident, now: Date): Promise<void> {
  await manager.query(
    `UPDATE incidents SET title = $2, description = $3, severity = $4, status = $5, assigned_to = $6, started_at = $7,
       resolved_at = CASE WHEN $5 = 'resolved' THEN coalesce(resolved_at, $8::timestamptz) END, updated_at = $8
     WHERE id = $1`,
    [
      incident.id,
      incident.title,
      incident.description,
      incident.severity,
      incident.status,
      incident.assigned_to,
      incident.started_at,
      now,
    ],
  );
}

/** Adds endpoints that the incident concerns, and answers how many of them are new to it. */
export async function addEndpoints(
  manager: EntityManager,
  incidentId: string,
  endpointIds: readonly string[],
): Promise<number> {
  const rows = await manager.query<unknown[]>(
    `INSERT INTO incident_endpoints (incident_id, endpoint_id)
     SELECT $1, e.id FROM endpoints e WHERE e.id = ANY($2::uuid[]) ORDER BY e.id
     ON CONFLICT DO NOTHING RETURNING endpoint_id`,
    [incidentId, endpointIds],
  );
  if (rows.length > 0) {
    await manager.query('UPDATE incidents SET affected_count = affected_count + $2 WHERE id = $1', [
      incidentId,
      rows.length,
    ]);
  }
  return rows.length;
}

/** Puts these endpoints in the place of those before. @throws CodedException `VALIDATION_FAILED` when one does not exist */
export async function replaceEndpoints(
  manager: EntityManager,
  incidentId: string,
  endpointIds: readonly string[],
): Promise<void> {
  await manager.query('DELETE FROM incident_endpoints WHERE incident_id = $1', [incidentId]);
  await manager.query('UPDATE incidents SET affected_count = $2 WHERE id = $1', [
    incidentId,
    endpointIds.length,
  ]);
  try {
    await manager.query(
      `INSERT INTO incident_endpoints (incident_id, endpoint_id) SELECT $1, id FROM unnest($2::uuid[]) AS e(id) ORDER BY id`,
      [incidentId, endpointIds],
    );
  } catch (error) {
    if (!isForeignKeyViolation(error)) throw error;
    throw invalidField('endpoint_ids', 'must be ids of endpoints that exist');
  }
}
