import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { type CheckedKind, defaultOptions } from '../checkers/checker-registry.js';
import type { CheckTarget } from '../checkers/checker.js';
import { hostOf } from '../self-doubt/local-host.js';
import { EndpointSecretsBox, type SealedSecrets } from '../endpoints/endpoint-secrets.js';

/** An endpoint as a worker needs it. */
export interface WatchedEndpoint {
  id: string;
  kind: CheckedKind;
  enabled: boolean;
  interval_ms: number;
  degraded_threshold_ms: number | null;
  /**
   * The newest slot with a result, in milliseconds since the epoch; null where several regions answer each slot.
   */
  last_slot: number | null;
  /** The host of its address. */
  host: string;
  /** Undefined when its credentials cannot be decrypted. */
  target: CheckTarget | undefined;
}

interface VersionRow {
  id: string;
  version: string;
  last_slot: number | null;
}

type Settings = Omit<WatchedEndpoint, 'last_slot'>;

type SettingsRow = Omit<Settings, 'target' | 'host'> &
  Omit<CheckTarget, 'headers' | 'auth' | 'options'> &
  SealedSecrets & { version: string; options: Record<string, unknown> };

/** Settings of more endpoints are read anew each time. About 2 KiB each. */
const MAX_KNOWN = 50_000;

const VERSIONS = `
  SELECT e.id, e.xmin::text AS version,
    CASE WHEN e.regions = '{}' THEN (extract(epoch FROM s.last_slot) * 1000)::float8 END AS last_slot
  FROM endpoints e JOIN endpoint_status s ON s.endpoint_id = e.id
  WHERE e.id = ANY($1::uuid[]) AND e.kind <> 'push'`;

const SETTINGS = `
  SELECT id, xmin::text AS version, kind, enabled, interval_ms, degraded_threshold_ms, url, method, body, timeout_ms,
    expected_status_codes, follow_redirects, verify_tls, headers_encrypted, auth_encrypted, options,
    secret_options_encrypted, assertions
  FROM endpoints WHERE id = ANY($1::uuid[])`;

/**
 * What a batch of checks needs to know. Settings change rarely and are much to read: those that this process knows are
 * asked for their version only, which PostgreSQL keeps with every row (`xmin`).
 */
@Injectable()
export class CheckTargetsReader {
  private readonly known = new Map<string, { version: string; settings: Settings }>();

  constructor(
    private readonly dataSource: DataSource,
    private readonly secrets: EndpointSecretsBox,
  ) {}

  /** Endpoints that are gone, or that report by themselves, are left out. */
  async load(ids: readonly string[]): Promise<Map<string, WatchedEndpoint>> {
    const rows = await this.dataSource.query<VersionRow[]>(VERSIONS, [ids]);
    const current = new Map(rows.map((row) => [row.id, this.settingsOf(row)]));
    const changed = rows.filter((row) => !current.get(row.id)).map((row) => row.id);
    for (const [id, settings] of await this.read(changed)) current.set(id, settings);
    return new Map(
      rows.flatMap(({ id, last_slot }) => {
        const settings = current.get(id);
        return settings ? [[id, { ...settings, last_slot }] as const] : [];
      }),
    );
  }

  private settingsOf({ id, version }: VersionRow): Settings | undefined {
    const known = this.known.get(id);
    return known?.version === version ? known.settings : undefined;
  }

  private async read(ids: readonly string[]): Promise<[string, Settings][]> {
    if (ids.length === 0) return [];
    const rows = await this.dataSource.query<SettingsRow[]>(SETTINGS, [ids]);
    if (this.known.size + rows.length > MAX_KNOWN) this.known.clear();
    return rows.map((row) => {
      const settings: Settings = {
        id: row.id,
        kind: row.kind,
        enabled: row.enabled,
        interval_ms: row.interval_ms,
        degraded_threshold_ms: row.degraded_threshold_ms,
        host: hostOf(row.url),
        target: this.targetOf(row),
      };
      this.known.set(row.id, { version: row.version, settings });
      return [row.id, settings];
    });
  }

  /** Options that an older version has stored may lack what has come since. */
  private targetOf(row: SettingsRow): CheckTarget | undefined {
    const secrets = this.secrets.open(row);
    if (!secrets) return undefined;
    const options = { ...defaultOptions(row.kind), ...row.options, ...secrets.secret_options };
    return {
      url: row.url,
      method: row.method,
      body: row.body,
      timeout_ms: row.timeout_ms,
      expected_status_codes: row.expected_status_codes,
      follow_redirects: row.follow_redirects,
      verify_tls: row.verify_tls,
      assertions: row.assertions,
      headers: secrets.headers,
      auth: secrets.auth,
      options,
    };
  }
}
