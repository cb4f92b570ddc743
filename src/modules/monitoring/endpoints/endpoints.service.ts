import { isDeepStrictEqual } from 'node:util';
import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { v7 } from 'uuid';
import { Clock } from '../../../common/clock.js';
import { CodedException, invalidField } from '../../../common/coded-exception.js';
import { AddressGuard } from '../../../common/outgoing/address-guard.js';
import { Bus } from '../../../realtime/bus.js';
import { rearmHeartbeats } from '../heartbeats/heartbeat.store.js';
import { hashPushToken, makePushToken } from '../heartbeats/push-token.js';
import { addressOf } from '../checkers/target-address.js';
import { type LockedStatus, lockStatuses } from '../states/endpoint-status.store.js';
import { announceStateChanges, type StateChange } from '../states/state-changes.js';
import type { EndpointChangesDto, EndpointSettingsDto } from './dto/endpoint-settings.dto.js';
import { assertDependencies, lockDependencies, removeDependencies } from './endpoint-dependencies.js';
import { rulesOf } from './endpoint-kinds.js';
import { insertEndpoint, readEndpoint, type StoredSettings, updateEndpoint } from './endpoint-rows.js';
import { checkSoon, stopChecking } from './endpoint-schedule.js';
import { EndpointSecretsBox, type SealedSecrets } from './endpoint-secrets.js';
import { assertKindMayChange, changedSettings, completeSettings } from './endpoint-settings.js';
import { endpointNotFound } from './endpoints.reader.js';
import { assertSecretsStay, keptByChange, keptByReplacement, type Revision } from './secrets-stay.js';
import { type EndpointSettings, NOTHING_STORED } from './settings-defaults.js';

/** Settings that say nothing about how an endpoint is checked: changing them calls for no new check. */
const LABELS: ReadonlySet<keyof EndpointSettings> = new Set([
  'name',
  'group_name',
  'tags',
  'public',
  'depends_on',
]);

const MAX_NAME = 200;
const COPIED = ' (copy)';

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

  /**
   * Answers the id of the new endpoint. It is due at once; one that reports by itself is waited for from its first
   * heartbeat on.
   * @param managed_by name of the configuration that it comes from
   */
  async create(given: EndpointSettingsDto, managed_by: string | null = null): Promise<string> {
    const settings = completeSettings(given);
    this.assertAllowed(settings);
    const token = settings.kind === 'push' ? makePushToken() : undefined;
    if (token) settings.secret_options = { push_token: token };
    const origin = { id: v7(), managed_by, push_token_hash: token ? hashPushToken(token) : null };
    await this.dataSource.transaction(async (manager) => {
      await this.begin(manager, origin, { ...settings, ...this.secrets.seal(settings) });
    });
    return origin.id;
  }

  /** Notes which configuration an endpoint comes from. */
  async adopt(id: string, managedBy: string): Promise<void> {
    await this.dataSource.query('UPDATE endpoints SET managed_by = $2 WHERE id = $1', [id, managedBy]);
  }

  /**
   * Makes another endpoint with the same settings, secrets included, and answers its id. A push endpoint gets an address
   * of its own.
   * @throws CodedException `ENDPOINT_NOT_FOUND`, `CONFLICT` when another endpoint has the name
   */
  async copy(id: string, name?: string): Promise<string> {
    const copy = v7();
    await this.dataSource.transaction(async (manager) => {
      const stored = await readEndpoint(manager, id);
      if (!stored) throw endpointNotFound();
      const push = stored.kind === 'push' ? this.newPushToken() : undefined;
      const origin = { id: copy, managed_by: null, push_token_hash: push?.hash ?? null };
      const secret_options_encrypted = push?.sealed ?? stored.secret_options_encrypted;
      const named = name?.trim() ?? `${stored.name.slice(0, MAX_NAME - COPIED.length)}${COPIED}`;
      await this.begin(manager, origin, { ...stored, secret_options_encrypted, name: named });
    });
    return copy;
  }

  /** Replaces all settings: what is left out gets its default. */
  replace(id: string, given: EndpointSettingsDto): Promise<void> {
    return this.update(id, given, (current, stored) => ({
      settings: keepToken(current, completeSettings(given, ofSameKind(current, given))),
      ...keptByReplacement(given, current, stored),
    }));
  }

  /** Changes the settings that are given. */
  change(id: string, given: EndpointChangesDto): Promise<void> {
    return this.update(id, given, (current, stored) => ({
      settings: changedSettings(current, given),
      ...keptByChange(given, current, stored),
    }));
  }

  /**
   * Check results go with the day partitions that hold them; without the endpoint nobody reaches them.
   * The status row is locked before the endpoint, like everywhere.
   */
  async delete(id: string): Promise<void> {
    await this.dataSource.transaction(async (manager) => {
      await lockDependencies(manager);
      await lockStatuses(manager, [id]);
      const [, count] = await manager.query<[unknown, number]>('DELETE FROM endpoints WHERE id = $1', [id]);
      if (count === 0) throw endpointNotFound();
      await removeDependencies(manager, [id]);
    });
  }

  /**
   * Gives a push endpoint a new address; the old one is not known any more.
   * @throws CodedException `ENDPOINT_NOT_FOUND`, `VALIDATION_FAILED` for another kind
   */
  async rotatePushToken(id: string): Promise<void> {
    await this.dataSource.transaction(async (manager) => {
      if (!(await lockStatuses(manager, [id])).has(id)) throw endpointNotFound();
      const endpoint = await readEndpoint(manager, id);
      if (endpoint?.kind !== 'push') throw invalidField('kind', 'is not push: there is no token to change');
      const { hash, sealed } = this.newPushToken();
      await manager.query(
        `UPDATE endpoints SET push_token_hash = $2, secret_options_encrypted = $3, updated_at = $4 WHERE id = $1`,
        [id, hash, sealed, this.clock.now()],
      );
    });
  }

  /**
   * Settings as they would be stored, without storing them.
   * @param id the endpoint whose secrets markers stand for, if there is one
   * @throws CodedException as {@link create} and {@link replace} would
   */
  async complete(given: EndpointSettingsDto, id?: string): Promise<EndpointSettings> {
    if (id === undefined) {
      const settings = completeSettings(given);
      this.assertAllowed(settings);
      return settings;
    }
    return this.dataSource.transaction(async (manager) => {
      const { current, stored } = await this.readSettings(manager, id);
      const settings = completeSettings(given, ofSameKind(current, given));
      this.assertAllowed(settings);
      assertSecretsStay(current, { settings, ...keptByReplacement(given, current, stored) });
      return settings;
    });
  }

  private newPushToken(): { hash: Buffer; sealed: string | null } {
    const push_token = makePushToken();
    const sealed = this.secrets.seal({ ...NOTHING_STORED, secret_options: { push_token } });
    return { hash: hashPushToken(push_token), sealed: sealed.secret_options_encrypted };
  }

  private async begin(
    manager: EntityManager,
    origin: Parameters<typeof insertEndpoint>[1],
    settings: StoredSettings,
  ): Promise<void> {
    const now = this.clock.now();
    if (settings.depends_on.length > 0) await lockDependencies(manager);
    await assertDependencies(manager, origin.id, settings.depends_on);
    await insertEndpoint(manager, origin, now, settings);
    await manager.query(
      'INSERT INTO endpoint_status (endpoint_id, status_since, next_check_at) VALUES ($1, $2, $3)',
      [origin.id, now, settings.enabled && settings.kind !== 'push' ? now : null],
    );
    await manager.query(
      `INSERT INTO endpoint_state_intervals (endpoint_id, started_at, state) VALUES ($1, $2, 'unknown')`,
      [origin.id, now],
    );
  }

  private async update(id: string, given: EndpointChangesDto, revise: Revise): Promise<void> {
    const changes = await this.dataSource.transaction(async (manager) => {
      if (given.depends_on && given.depends_on.length > 0) await lockDependencies(manager);
      const status = (await lockStatuses(manager, [id])).get(id);
      if (!status) throw endpointNotFound();
      const { current, stored } = await this.readSettings(manager, id);
      assertKindMayChange(current.kind, given.kind ?? current.kind);
      const revision = revise(current, stored);
      const { settings, kept } = revision;
      if (settings.url !== current.url) this.assertAllowed(settings);
      assertSecretsStay(current, revision);
      if (!isDeepStrictEqual(settings.depends_on, current.depends_on)) {
        await assertDependencies(manager, id, settings.depends_on);
      }
      const sealed = { ...this.secrets.seal(settings), ...kept };
      await updateEndpoint(manager, id, this.clock.now(), { ...settings, ...sealed });
      return this.reschedule(manager, { ...status, name: settings.name }, current, settings);
    });
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
    if (!after.enabled) return stopChecking(manager, [status], now);
    if (!checksDiffer(before, after)) return [];
    if (after.kind === 'push') await rearmHeartbeats(manager, [status.endpoint_id], now);
    else await checkSoon(manager, [status.endpoint_id], now);
    await manager.query(
      'DELETE FROM endpoint_region_status WHERE endpoint_id = $1 AND region <> ALL($2::text[])',
      [status.endpoint_id, after.regions],
    );
    return [];
  }

  private async readSettings(
    manager: EntityManager,
    id: string,
  ): Promise<{ current: EndpointSettings; stored: SealedSecrets }> {
    const row = await readEndpoint(manager, id);
    if (!row) throw endpointNotFound();
    const { headers_encrypted, auth_encrypted, secret_options_encrypted, ...columns } = row;
    const stored = { headers_encrypted, auth_encrypted, secret_options_encrypted };
    return { current: { ...columns, ...(this.secrets.open(stored) ?? NOTHING_STORED) }, stored };
  }

  /** An address that no check would be let through to is refused now, where somebody sees it. */
  private assertAllowed({ kind, url }: EndpointSettings): void {
    if (url === '') return;
    const refusal = this.guard.refusalOfHost(addressOf(url, rulesOf(kind).schemes).host);
    if (refusal) throw new CodedException('TARGET_REFUSED', `This address may not be watched: ${refusal}.`);
  }
}

/** The secrets that markers may stand for: options of another kind may mean something else by the same name. */
function ofSameKind(current: EndpointSettings, { kind = 'http' }: EndpointSettingsDto): EndpointSettings {
  return kind === current.kind ? current : { ...current, secret_options: {} };
}

/** The token of a push endpoint is no setting of a person’s: it stays. */
function keepToken(current: EndpointSettings, settings: EndpointSettings): EndpointSettings {
  return settings.kind === 'push' ? { ...settings, secret_options: current.secret_options } : settings;
}

function checksDiffer(before: EndpointSettings, after: EndpointSettings): boolean {
  const settings = Object.keys(after) as (keyof EndpointSettings)[];
  return settings.some((key) => !LABELS.has(key) && !isDeepStrictEqual(before[key], after[key]));
}
