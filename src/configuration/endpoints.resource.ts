import { DataSource } from 'typeorm';
import { formatDuration } from '../common/duration.js';
import { CodedException, type FieldProblem } from '../common/coded-exception.js';
import { VALIDATION_PIPE } from '../common/http/validation.js';
import { AddressGuard } from '../common/outgoing/address-guard.js';
import { Endpoint, type EndpointKind } from '../database/entities/endpoint.entity.js';
import { EndpointSettingsDto } from '../modules/monitoring/endpoints/dto/endpoint-settings.dto.js';
import { addressOf } from '../modules/monitoring/checkers/target-address.js';
import { rulesOf } from '../modules/monitoring/endpoints/endpoint-kinds.js';
import { EndpointSecretsBox } from '../modules/monitoring/endpoints/endpoint-secrets.js';
import { assertKindMayChange, completeSettings } from '../modules/monitoring/endpoints/endpoint-settings.js';
import { EndpointsService } from '../modules/monitoring/endpoints/endpoints.service.js';
import type { EndpointSettings } from '../modules/monitoring/endpoints/settings-defaults.js';
import type { Declared, Existing } from './changes.js';
import { idsOf } from './name-book.js';
import { MANAGED_BY, type Names, type Resource } from './resource.js';

/** Endpoints, which a file names where the API has ids. */
export class EndpointsResource implements Resource {
  readonly section = 'endpoints';
  readonly noun = 'endpoint';
  readonly key = 'name';
  readonly refersBy = 'depends_on';

  constructor(
    private readonly dataSource: DataSource,
    private readonly box: EndpointSecretsBox,
    private readonly endpoints: EndpointsService,
    private readonly guard: AddressGuard,
  ) {}

  async defaults({ name, kind, url }: Declared, names: Names): Promise<Declared> {
    const { name: _, url: __, ...rest } = await this.complete({ name, kind, url }, names);
    return kind === 'http' ? rest : { ...rest, kind: 'http' };
  }

  /** Header values count as secrets: which ones are, nobody can tell. */
  secrets({ kind, headers, auth, options }: Declared): string[][] {
    const secretOptions = rulesOf((kind ?? 'http') as EndpointKind).secret_options;
    const { username: _, type: __, ...credentials } = Object(auth) as Record<string, unknown>;
    return [
      ...textsIn(headers, ['headers']),
      ...textsIn(credentials, ['auth']),
      ...secretOptions.flatMap((name) =>
        textsIn((options as Record<string, unknown> | undefined)?.[name], ['options', name]),
      ),
    ];
  }

  async existing(names: Names): Promise<Map<string, Existing>> {
    const rows = await this.dataSource.getRepository(Endpoint).find({ order: { name: 'ASC' } });
    return new Map(rows.map((row) => [row.name, this.existingOf(row, names)]));
  }

  async complete(declared: Record<string, unknown>, names: Names): Promise<Declared> {
    return words(completeSettings(await this.dto(declared, names)), names);
  }

  /** Those of {@link EndpointsService}, found before anything is written. An address that stays is not asked about again. */
  refusals({ kind, url }: Declared, existing: Existing | undefined): FieldProblem[] {
    const known = existing?.settings;
    const refusal = url === known?.['url'] ? undefined : this.refusalOf(kind as EndpointKind, url);
    return [
      ...(refusal === undefined ? [] : [{ field: 'url', message: `may not be watched: ${refusal}` }]),
      ...(known ? kindProblems(known['kind'] as EndpointKind, kind as EndpointKind) : []),
    ];
  }

  async create(settings: Declared, names: Names): Promise<string> {
    return this.endpoints.create(await this.dto(settings, names), MANAGED_BY);
  }

  async update(id: string, settings: Declared, names: Names): Promise<void> {
    await this.endpoints.replace(id, await this.dto(settings, names));
    await this.endpoints.adopt(id, MANAGED_BY);
  }

  async delete(id: string): Promise<void> {
    await this.endpoints.delete(id);
  }

  private refusalOf(kind: EndpointKind, url: unknown): string | undefined {
    if (typeof url !== 'string') return undefined;
    return this.guard.refusalOfHost(addressOf(url, rulesOf(kind).schemes).host);
  }

  private dto(declared: Record<string, unknown>, names: Names): Promise<EndpointSettingsDto> {
    const { depends_on } = declared;
    const given = {
      ...declared,
      ...(depends_on !== undefined && { depends_on: idsOf(depends_on, names, 'depends_on') }),
    };
    return VALIDATION_PIPE.transform(given, {
      type: 'body',
      metatype: EndpointSettingsDto,
    }) as Promise<EndpointSettingsDto>;
  }

  /** With another key its secrets cannot be read: then whatever the file says differs from it. */
  private existingOf(row: Endpoint, names: Names): Existing {
    const secrets = this.box.open(row) ?? { headers: {}, auth: null, secret_options: {} };
    return { id: row.id, managed: row.managed_by !== null, settings: words({ ...row, ...secrets }, names) };
  }
}

function kindProblems(before: EndpointKind, after: EndpointKind): FieldProblem[] {
  try {
    assertKindMayChange(before, after);
    return [];
  } catch (error) {
    if (error instanceof CodedException && error.details) return [...error.details];
    throw error;
  }
}

/** Paths of all texts in a value. */
function textsIn(value: unknown, path: string[]): string[][] {
  if (typeof value === 'string') return [path];
  return Object.entries(Object(value) as object).flatMap(([name, inner]) => textsIn(inner, [...path, name]));
}

/** Settings in the words of the file, none left out. */
function words(settings: EndpointSettings, names: Names): Declared {
  const isPush = settings.kind === 'push';
  return {
    name: settings.name,
    group: settings.group_name,
    kind: settings.kind,
    ...(!isPush && { url: settings.url }),
    method: settings.method,
    headers: settings.headers,
    body: settings.body,
    auth: settings.auth,
    interval: formatDuration(settings.interval_ms),
    timeout: formatDuration(settings.timeout_ms),
    expected_status_codes: settings.expected_status_codes,
    retries: settings.retries,
    retry_interval: formatDuration(settings.retry_interval_ms),
    failure_threshold: settings.failure_threshold,
    recovery_threshold: settings.recovery_threshold,
    degraded_threshold_ms: settings.degraded_threshold_ms,
    // The token of a push endpoint is made for it, and no option that anybody writes.
    options: isPush ? settings.options : { ...settings.options, ...settings.secret_options },
    assertions: settings.assertions,
    follow_redirects: settings.follow_redirects,
    verify_tls: settings.verify_tls,
    regions: settings.regions,
    quorum: settings.quorum,
    depends_on: settings.depends_on.flatMap((id) => names.nameOf(id) ?? []),
    tags: settings.tags,
    public: settings.public,
    enabled: settings.enabled,
  };
}
