import { isDeepStrictEqual } from 'node:util';
import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { v7 } from 'uuid';
import { Clock } from '../../../common/clock.js';
import { CodedException, invalidField } from '../../../common/coded-exception.js';
import type { Endpoint } from '../../../database/entities/endpoint.entity.js';
import { Bus } from '../../../realtime/bus.js';
import { AddressGuard } from '../../../common/outgoing/address-guard.js';
import type { EndpointChangesDto, EndpointSettingsDto } from './dto/endpoint-settings.dto.js';
import { EndpointSecretsBox, type SealedSecrets } from './endpoint-secrets.js';
import {
  changedSettings,
  completeSettings,
  type EndpointSettings,
  hasMarkers,
  NOTHING_STORED,
} from './endpoint-settings.js';
import { applyObservation } from '../states/endpoint-state.js';
import { type LockedStatus, lockStatuses } from '../states/endpoint-status.store.js';
import { endpointNotFound } from './endpoints.reader.js';
import { announceStateChanges, recordStateChanges, type StateChange } from '../states/state-changes.js';

const UNIQUE_VIOLATION = '23505';

/** Settings that say nothing about how an endpoint is checked: changing them calls for no new check. */
const LABELS: ReadonlySet<keyof EndpointSettings> = new Set(['name', 'group_name', 'tags', 'public']);

/** What a request makes of stored settings. */
interface Revision {
  settings: EndpointSettings;
  /** Sealed columns that stay as they are, whether or not the key at hand can open them. */
  kept: Partial<SealedSecrets>;
  /** Whether it takes over secrets by marker. */
  takesStored: boolean;
}

type Revise = (current: EndpointSettings, stored: SealedSecrets) => Revision;

/** Writes the configuration of endpoints, and starts and ends their checking. */
@Injectable()
export class EndpointsService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly secrets: EndpointSecretsBox,
    private readonly guard: AddressGuard,
    private readonly bus: Bus,
    private readonly clock: Clock,
  ) {}

  /** Answers the id of the new endpoint. It is due at once. */
  async create(given: EndpointSettingsDto): Promise<string> {
    const settings = completeSettings(given);
    this.assertAllowed(settings.url);
    const id = v7();
    const now = this.clock.now();
    await naming(() =>
      this.dataSource.transaction(async (manager) => {
        await writeSettings(manager, INSERT, id, now, { ...settings, ...this.secrets.seal(settings) });
        await manager.query(
          'INSERT INTO endpoint_status (endpoint_id, status_since, next_check_at) VALUES ($1, $2, $3)',
          [id, now, settings.enabled ? now : null],
        );
        await manager.query(
          `INSERT INTO endpoint_state_intervals (endpoint_id, started_at, state) VALUES ($1, $2, 'unknown')`,
          [id, now],
        );
      }),
    );
    return id;
  }

  /** Replaces all settings: what is left out gets its default. */
  replace(id: string, given: EndpointSettingsDto): Promise<void> {
    return this.update(id, (current) => ({
      settings: completeSettings(given, current),
      kept: {},
      takesStored: hasMarkers(given),
    }));
  }

  /** Changes the settings that are given. */
  change(id: string, given: EndpointChangesDto): Promise<void> {
    return this.update(id, (current, stored) => ({
      settings: changedSettings(current, given),
      kept: {
        ...(given.headers === undefined && { headers_encrypted: stored.headers_encrypted }),
        ...(given.auth === undefined && { auth_encrypted: stored.auth_encrypted }),
      },
      takesStored: hasMarkers(given),
    }));
  }

  /**
   * Check results go with the day partitions that hold them; without the endpoint nobody reaches them.
   * The status row is locked before the endpoint, like everywhere.
   */
  async delete(id: string): Promise<void> {
    await this.dataSource.transaction(async (manager) => {
      await lockStatuses(manager, [id]);
      const [, count] = await manager.query<[unknown, number]>('DELETE FROM endpoints WHERE id = $1', [id]);
      if (count === 0) throw endpointNotFound();
    });
  }

  private async update(id: string, revise: Revise): Promise<void> {
    const changes = await naming(() =>
      this.dataSource.transaction(async (manager) => {
        const status = (await lockStatuses(manager, [id])).get(id);
        if (!status) throw endpointNotFound();
        const { current, stored } = await this.readSettings(manager, id);
        const revision = revise(current, stored);
        const { settings, kept } = revision;
        if (settings.url !== current.url) this.assertAllowed(settings.url);
        assertSecretsStay(current.url, revision);
        const sealed = { ...this.secrets.seal(settings), ...kept };
        await writeSettings(manager, UPDATE, id, this.clock.now(), { ...settings, ...sealed });
        return this.reschedule(manager, { ...status, name: settings.name }, current, settings);
      }),
    );
    await announceStateChanges(this.bus, changes);
  }

  /** Checks what has changed at once; what is disabled is not known any more. */
  private async reschedule(
    manager: EntityManager,
    status: LockedStatus,
    before: EndpointSettings,
    after: EndpointSettings,
  ): Promise<StateChange[]> {
    const now = this.clock.now();
    if (after.enabled) {
      if (!checksDiffer(before, after)) return [];
      await manager.query('UPDATE endpoint_status SET next_check_at = $2 WHERE endpoint_id = $1', [
        status.endpoint_id,
        now,
      ]);
      return [];
    }
    const { state, transition } = applyObservation(status, status.rules, {
      verdict: 'unknown',
      at: now.getTime(),
    });
    const changes = transition ? [{ ...transition, endpoint_id: status.endpoint_id, name: status.name }] : [];
    await manager.query(
      `UPDATE endpoint_status SET next_check_at = NULL, status = $2, status_since = to_timestamp($3::float8 / 1000),
         consecutive_failures = 0, consecutive_successes = 0, last_error = NULL
       WHERE endpoint_id = $1`,
      [status.endpoint_id, state.status, state.status_since],
    );
    await recordStateChanges(manager, changes);
    return changes;
  }

  private async readSettings(
    manager: EntityManager,
    id: string,
  ): Promise<{ current: EndpointSettings; stored: SealedSecrets }> {
    const [row] = await manager.query<StoredSettings[]>(SELECT, [id]);
    const { headers_encrypted, auth_encrypted, secret_options_encrypted, ...columns } = row!;
    const stored = { headers_encrypted, auth_encrypted, secret_options_encrypted };
    return { current: { ...columns, ...(this.secrets.open(stored) ?? NOTHING_STORED) }, stored };
  }

  /** An address that no check would be let through to is refused now, where somebody sees it. */
  private assertAllowed(url: string): void {
    const refusal = this.guard.refusalOfHost(new URL(url).hostname);
    if (refusal) throw new CodedException('TARGET_REFUSED', `This address may not be watched: ${refusal}.`);
  }
}

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

type StoredSettings = Pick<Endpoint, (typeof COLUMNS)[number]>;

const SELECT = `SELECT ${COLUMNS.join(', ')} FROM endpoints WHERE id = $1`;
const FIRST_PARAMETER = 3;
const PARAMETERS = COLUMNS.map((_, index) => `$${index + FIRST_PARAMETER}`);
const INSERT = `INSERT INTO endpoints (id, created_at, updated_at, ${COLUMNS.join(', ')})
  VALUES ($1, $2, $2, ${PARAMETERS.join(', ')})`;
const UPDATE = `UPDATE endpoints SET updated_at = $2, ${COLUMNS.map((column, index) => `${column} = ${PARAMETERS[index]}`).join(', ')}
  WHERE id = $1`;

async function writeSettings(
  manager: EntityManager,
  sql: string,
  id: string,
  now: Date,
  settings: StoredSettings,
): Promise<void> {
  await manager.query(sql, [id, now, ...COLUMNS.map((column) => parameter(column, settings[column]))]);
}

/** Arrays that go into jsonb must be JSON already: the driver takes them for arrays of PostgreSQL. */
function parameter(column: (typeof COLUMNS)[number], value: unknown): unknown {
  return column === 'options' || column === 'assertions' ? JSON.stringify(value) : value;
}

/** Nobody who may only write gets to read secrets by having them sent to a server of their own. */
function assertSecretsStay(before: string, { settings, kept, takesStored }: Revision): void {
  if (new URL(settings.url).origin === new URL(before).origin) return;
  if (!takesStored && !kept.headers_encrypted && !kept.auth_encrypted) return;
  throw invalidField('url', 'leads to another origin: send headers and auth again, with their secrets');
}

function checksDiffer(before: EndpointSettings, after: EndpointSettings): boolean {
  const settings = Object.keys(after) as (keyof EndpointSettings)[];
  return settings.some((key) => !LABELS.has(key) && !isDeepStrictEqual(before[key], after[key]));
}

/** Says what is wrong when another endpoint has the name. */
async function naming<T>(write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (error) {
    if ((error as { code?: string }).code !== UNIQUE_VIOLATION) throw error;
    throw new CodedException('CONFLICT', 'There is an endpoint with this name already.');
  }
}
