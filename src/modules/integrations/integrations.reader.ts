import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Clock } from '../../common/clock.js';
import { CodedException } from '../../common/coded-exception.js';
import type { ServiceDto } from '../monitoring/services/dto/services.dto.js';
import type { IntegrationDto, IntegrationListDto } from './dto/integration.dto.js';
import { IntegrationSecretsBox } from './integration-secrets.js';
import {
  type IntegrationRow,
  integrationView,
  kindView,
  serviceView,
  type StatusFacts,
  unconfigured,
} from './integration-view.js';
import { INTEGRATION_KINDS, kindOf } from './kinds/integration-kinds.js';

const DAY_MS = 86_400_000;

/** Integrations with the probes since $1 counted. Older ones are removed as new ones come in, so there are few. */
export const INTEGRATIONS = `
  SELECT i.*, p.succeeded, p.probed
  FROM integrations i
  CROSS JOIN LATERAL (
    SELECT (count(*) FILTER (WHERE ok))::int AS succeeded, count(*)::int AS probed
    FROM integration_probes WHERE integration_id = i.id AND probed_at > $1
  ) p`;

/** Integrations for screens, and as services. */
@Injectable()
export class IntegrationsReader {
  constructor(
    private readonly dataSource: DataSource,
    private readonly secrets: IntegrationSecretsBox,
    private readonly clock: Clock,
  ) {}

  async list(): Promise<IntegrationListDto> {
    const rows = await this.rows();
    return {
      integrations: [...rows.map((row) => this.view(row)), ...unconfigured(rows)],
      kinds: INTEGRATION_KINDS.map(kindView),
    };
  }

  /** @throws CodedException `INTEGRATION_NOT_FOUND` */
  async get(name: string): Promise<IntegrationDto> {
    const [row] = await this.rows('WHERE i.name = $2', [name]);
    if (!row) throw integrationNotFound(name);
    return this.view(row);
  }

  /** Every integration that is configured, by name, in the shape of `GET /api/monitoring/services`. */
  async services(): Promise<ServiceDto[]> {
    return (await this.rows()).map(serviceView);
  }

  /** Those whose health has changed since, the newest change last. */
  changedSince(since: Date): Promise<StatusFacts[]> {
    return this.dataSource.query(
      'SELECT name, kind, status, status_since FROM integrations WHERE status_since > $1 ORDER BY status_since',
      [since],
    );
  }

  private rows(condition = '', parameters: unknown[] = []): Promise<IntegrationRow[]> {
    const since = new Date(this.clock.now().getTime() - DAY_MS);
    return this.dataSource.query(`${INTEGRATIONS} ${condition} ORDER BY i.name`, [since, ...parameters]);
  }

  /** Secrets that cannot be opened are shown as the kind has them: they are there. */
  private view(row: IntegrationRow): IntegrationDto {
    const kind = kindOf(row.kind);
    const known = this.secrets.open(row);
    const fields = row.secrets_encrypted === null ? [] : (kind?.secrets ?? []);
    return integrationView(row, known ? fields.filter((field) => field in known) : fields);
  }
}

export function integrationNotFound(name: string): CodedException {
  return new CodedException('INTEGRATION_NOT_FOUND', `There is no integration “${name}”.`);
}
