import { isDeepStrictEqual } from 'node:util';
import { Injectable, Logger } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { v7 } from 'uuid';
import { Clock } from '../../common/clock.js';
import { CodedException, invalidField } from '../../common/coded-exception.js';
import { isUniqueViolation } from '../../common/database-failure.js';
import { within } from '../../common/within.js';
import type { Integration } from '../../database/entities/integration.entity.js';
import { JobQueue } from '../../queues/job-queue.js';
import type { IntegrationSettingsDto } from './dto/integration.dto.js';
import { IntegrationSecretsBox } from './integration-secrets.js';
import { completeSettings, type Settings } from './integration-settings.js';
import { integrationNotFound } from './integrations.reader.js';
import type { IntegrationKind } from './kinds/integration-kind.js';
import { kindOf, KIND_NAMES } from './kinds/integration-kinds.js';

const NAME = /^[a-z0-9][a-z0-9_-]{0,49}$/;

/** Writes the configuration of integrations. */
@Injectable()
export class IntegrationsService {
  private readonly logger = new Logger(IntegrationsService.name);

  constructor(
    private readonly dataSource: DataSource,
    private readonly secrets: IntegrationSecretsBox,
    private readonly jobs: JobQueue,
    private readonly clock: Clock,
  ) {}

  /**
   * Makes or replaces an integration. What has changed is not known any more, and is probed at once.
   * @throws CodedException `VALIDATION_FAILED`, `INVALID_PHONE`, `CONFLICT`
   */
  async save(name: string, given: IntegrationSettingsDto): Promise<void> {
    if (!NAME.test(name))
      throw invalidField('name', 'must be up to 50 of a-z, 0-9, - and _, a letter or digit first');
    const id = await naming(() =>
      this.dataSource.transaction(async (manager) => {
        const [current] = await manager.query<Integration[]>(
          'SELECT * FROM integrations WHERE name = $1 FOR UPDATE',
          [name],
        );
        return this.write(manager, name, given, current);
      }),
    );
    if (id !== undefined && (given.enabled ?? true)) await this.probeSoon(id);
  }

  /** @throws CodedException `INTEGRATION_NOT_FOUND` */
  async delete(name: string): Promise<void> {
    const [, count] = await this.dataSource.query<[unknown, number]>(
      'DELETE FROM integrations WHERE name = $1',
      [name],
    );
    if (count === 0) throw integrationNotFound(name);
  }

  /** Answers the id of what has changed; undefined when everything is as it was. */
  private async write(
    manager: EntityManager,
    name: string,
    given: IntegrationSettingsDto,
    current: Integration | undefined,
  ): Promise<string | undefined> {
    const kind = chooseKind(name, given.kind, current);
    const enabled = given.enabled ?? true;
    const stored = current && this.secrets.open(current);
    const settings = completeSettings(kind, given.config, stored);
    if (current && isAsStored(settings, stored) && current.enabled === enabled) return undefined;
    const sealed = this.secrets.seal(kind, settings);
    const id = current?.id ?? v7();
    const row = [id, name, kind.name, enabled, sealed.settings, sealed.secrets_encrypted, this.clock.now()];
    await manager.query(current ? UPDATE : INSERT, row);
    return id;
  }

  /** The queue may be out of reach, and then answers late or never; the schedule probes it anyhow. */
  private async probeSoon(id: string): Promise<void> {
    const added = this.jobs.add('probe-integrations', { ids: [id] }).catch((error: Error) => {
      this.logger.warn(`A changed integration is probed at the next turn only: ${error.message}`);
    });
    await within<unknown>(QUEUE_PATIENCE_MS, added, () => undefined);
  }
}

const QUEUE_PATIENCE_MS = 1_000;

const INSERT = `
  INSERT INTO integrations (id, name, kind, enabled, settings, secrets_encrypted, created_at, updated_at)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $7)`;

/** What the probes of the settings before said, says nothing about these. */
const UPDATE = `
  UPDATE integrations SET name = $2, kind = $3, enabled = $4, settings = $5, secrets_encrypted = $6,
    updated_at = greatest($7, updated_at + interval '1 millisecond'),
    status = 'unknown', status_since = CASE WHEN status = 'unknown' THEN status_since ELSE $7 END,
    last_checked_at = NULL, last_response_ms = NULL, last_error = NULL
  WHERE id = $1`;

/** A name that is that of a kind means that kind. */
function chooseKind(
  name: string,
  given: string | undefined,
  current: Integration | undefined,
): IntegrationKind {
  const kind = kindOf(given ?? current?.kind ?? name);
  if (!kind) throw invalidField('kind', `must be given, as the name is not one of ${KIND_NAMES.join(', ')}`);
  if (current && current.kind !== kind.name) {
    throw invalidField('kind', `cannot change: it is ${current.kind}. Delete the integration first`);
  }
  if (KIND_NAMES.includes(name) && name !== kind.name) {
    throw invalidField('kind', `must be ${name}, as its name says`);
  }
  return kind;
}

function isAsStored(settings: Settings, stored: Settings | undefined): boolean {
  return isDeepStrictEqual({ ...settings }, stored);
}

/** Two who make the same integration at once: the second is told. */
async function naming<T>(write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (error) {
    if (!isUniqueViolation(error)) throw error;
    throw new CodedException('CONFLICT', 'Somebody else has just made an integration with this name.');
  }
}
