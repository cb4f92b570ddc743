import type { EntityManager } from 'typeorm';
import { CodedException } from '../../../common/coded-exception.js';
import type { Endpoint } from '../../../database/entities/endpoint.entity.js';

const UNIQUE_VIOLATION = '23505';

const COLUMNS = [
  'name',
  'group_name',
  'kind',
  'url',
  'method',
  'headers_encrypted',
  'body',
  'auth_encrypted',
  'options',
  'secret_options_encrypted',
  'assertions',
  'regions',
  'quorum',
  'depends_on',
  'interval_ms',
  'timeout_ms',
  'expected_status_codes',
  'retries',
  'retry_interval_ms',
  'failure_threshold',
  'recovery_threshold',
  'degraded_threshold_ms',
  'follow_redirects',
  'verify_tls',
  'tags',
  'public',
  'enabled',
] as const satisfies readonly (keyof Endpoint)[];

/** What of a row a person’s settings make, secrets sealed. */
export type StoredSettings = Pick<Endpoint, (typeof COLUMNS)[number]>;

/** What only the making of an endpoint sets. */
export type Origin = Pick<Endpoint, 'id' | 'managed_by' | 'push_token_hash'>;

const SELECT = `SELECT ${COLUMNS.join(', ')} FROM endpoints WHERE id = $1`;
const parametersFrom = (first: number): string[] => COLUMNS.map((_, index) => `$${index + first}`);
const INSERT = `INSERT INTO endpoints (id, created_at, updated_at, managed_by, push_token_hash, ${COLUMNS.join(', ')})
  VALUES ($1, $2, $2, $3, $4, ${parametersFrom(5).join(', ')})`;
const UPDATE = `UPDATE endpoints SET updated_at = $2,
    ${COLUMNS.map((column, index) => `${column} = ${parametersFrom(3)[index]}`).join(', ')}
  WHERE id = $1`;

/** @throws CodedException `CONFLICT` when another endpoint has the name */
export async function insertEndpoint(
  manager: EntityManager,
  { id, managed_by, push_token_hash }: Origin,
  now: Date,
  settings: StoredSettings,
): Promise<void> {
  await naming(() => manager.query(INSERT, [id, now, managed_by, push_token_hash, ...values(settings)]));
}

/** @throws CodedException `CONFLICT` when another endpoint has the name */
export async function updateEndpoint(
  manager: EntityManager,
  id: string,
  now: Date,
  settings: StoredSettings,
): Promise<void> {
  await naming(() => manager.query(UPDATE, [id, now, ...values(settings)]));
}

export async function readEndpoint(manager: EntityManager, id: string): Promise<StoredSettings | undefined> {
  const [row] = await manager.query<StoredSettings[]>(SELECT, [id]);
  return row;
}

/** Arrays that go into jsonb must be JSON already: the driver takes them for arrays of PostgreSQL. */
function values(settings: StoredSettings): unknown[] {
  return COLUMNS.map((column) =>
    column === 'options' || column === 'assertions' ? JSON.stringify(settings[column]) : settings[column],
  );
}

/** Says what is wrong when another endpoint has the name. */
async function naming(write: () => Promise<unknown>): Promise<void> {
  try {
    await write();
  } catch (error) {
    if ((error as { code?: string }).code !== UNIQUE_VIOLATION) throw error;
    throw new CodedException('CONFLICT', 'There is an endpoint with this name already.');
  }
}
