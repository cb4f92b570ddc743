import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { CheckedKind } from '../checkers/checker-registry.js';
import type { CheckTarget } from '../checkers/checker.js';
import { EndpointSecretsBox, type SealedSecrets } from '../endpoints/endpoint-secrets.js';

/** An endpoint as a worker needs it. Times in milliseconds since the epoch. */
export interface WatchedEndpoint {
  id: string;
  kind: CheckedKind;
  enabled: boolean;
  interval_ms: number;
  degraded_threshold_ms: number | null;
  /** The newest slot with a result; null where several regions answer each slot. */
  last_slot: number | null;
  /** Undefined when its credentials cannot be decrypted. */
  target: CheckTarget | undefined;
}

type TargetRow = Omit<WatchedEndpoint, 'target'> &
  Omit<CheckTarget, 'headers' | 'auth' | 'options'> &
  SealedSecrets & { options: Record<string, unknown> };

/** What a batch of checks needs to know, in one query. */
@Injectable()
export class CheckTargetsReader {
  constructor(
    private readonly dataSource: DataSource,
    private readonly secrets: EndpointSecretsBox,
  ) {}

  /** Endpoints that are gone are left out. */
  async load(ids: readonly string[]): Promise<Map<string, WatchedEndpoint>> {
    const rows = await this.dataSource.query<TargetRow[]>(
      `SELECT e.id, e.kind, e.enabled, e.interval_ms, e.degraded_threshold_ms, e.url, e.method, e.body, e.timeout_ms,
         e.expected_status_codes, e.follow_redirects, e.verify_tls, e.headers_encrypted, e.auth_encrypted,
         e.options, e.secret_options_encrypted, e.assertions,
         CASE WHEN e.regions = '{}' THEN (extract(epoch FROM s.last_slot) * 1000)::float8 END AS last_slot
       FROM endpoints e JOIN endpoint_status s ON s.endpoint_id = e.id
       WHERE e.id = ANY($1::uuid[]) AND e.kind <> 'push'`,
      [ids],
    );
    return new Map(rows.map((row) => [row.id, { ...row, target: this.targetOf(row) }]));
  }

  private targetOf(row: TargetRow): CheckTarget | undefined {
    const secrets = this.secrets.open(row);
    return secrets && { ...row, ...secrets, options: { ...row.options, ...secrets.secret_options } };
  }
}
